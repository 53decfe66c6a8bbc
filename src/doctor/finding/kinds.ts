import { CaptureLost } from './capture-lost.ts';
import { ContextDropped } from './context-dropped.ts';
import { ContextIgnored } from './context-ignored.ts';
import { ExportLate } from './export-late.ts';
import type { FindingKind, Surroundings } from './kind.ts';
import { NothingSeen } from './nothing-seen.ts';
import { SampledOut } from './sampled-out.ts';
import { SpansMissing } from './spans-missing.ts';
import { SpansUndelivered } from './spans-undelivered.ts';
import { TraceRestarted } from './trace-restarted.ts';
import { UnlinkedCalls } from './unlinked-calls.ts';
import { UnreadConnections } from './unread-connections.ts';

/** Every kind of finding, in the order they are told. */
export function findingKinds(about: Surroundings): readonly FindingKind[] {
  return [
    new NothingSeen(),
    new CaptureLost(about),
    new ContextDropped(about),
    new ContextIgnored(about),
    new TraceRestarted(about),
    new SpansUndelivered(about),
    new SpansMissing(about),
    new ExportLate(about),
    new UnlinkedCalls(about),
    new SampledOut(about),
    new UnreadConnections(about),
  ];
}
