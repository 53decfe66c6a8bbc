import type { Host, Settings } from '../../collector/component.ts';
import type { CaptureSource } from './capture/source.ts';
import type { EbpfConfig } from './config.ts';
import { LiveSource } from './live-source.ts';

/** Where the events come from: the running kernel, or a recording of one. */
export function openSource(settings: Settings, config: EbpfConfig, host: Host): CaptureSource {
  return new LiveSource(settings, config, undefined);
}

export function replayClock(): undefined {
  return undefined;
}
