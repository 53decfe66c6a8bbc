import type { ConfigMap } from '../../src/collector/config/merge.ts';

/** What runs: nothing, the capture alone, perhaps without some BPF programs, or a pipeline. */
export type Runs =
  | 'nothing'
  | 'kernel_capture'
  | { readonly without: readonly string[] }
  | { readonly processors: ConfigMap; readonly ebpf?: ConfigMap };

/** A way of running Spanloom beside nginx. */
export interface Variant {
  readonly name: string;
  readonly runs: Runs;
}

export const BASELINE: Variant = { name: 'without Spanloom', runs: 'nothing' };

export const CAPTURE: Variant = { name: 'capture alone: kernel side, drain, decode', runs: 'kernel_capture' };

export const VARIANTS: readonly Variant[] = [
  BASELINE,
  CAPTURE,
  { name: 'the `ebpf` receiver: exchanges, no spans (`nop`)', runs: { processors: {} } },
  // Traces leave half a second after their end, so that within a measurement of a few seconds most do.
  {
    name: 'full pipeline: `ebpf`, `correlate`, OTLP bytes',
    runs: { processors: { correlate: { decision_wait: '500ms', late_window: '1s' } } },
  },
];
