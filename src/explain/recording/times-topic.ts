import type { Nanos } from '../../collector/clock.ts';
import type { TreeNode } from '../../correlate/node.ts';
import type { DecidedBy } from '../../correlate/observer.ts';
import type { Fact, Topic } from '../explanation.ts';

/** What happened to a span inside the pipeline, and when. */
export interface Life {
  /** When it was first known of. */
  readonly knownAt: Nanos | undefined;
  /** What it belongs to had left before it came. */
  readonly late: boolean;
  readonly decidedAt: Nanos | undefined;
  readonly decidedBy: DecidedBy | undefined;
  readonly releasedAt: Nanos;
}

const BY: Readonly<Record<DecidedBy, string>> = {
  due: 'its time had come (decision_wait after the end of the outermost request, or max_age)',
  pushed_out: 'too much was held (max_spans, max_bytes_mib)',
  shutdown: 'the pipeline ended',
};

/** Begin, arrival, decision and release. */
export function timesTopic(node: TreeNode, life: Life, epochUnixNano: bigint): Topic {
  const at = (time: Nanos) =>
    new Date(Number((epochUnixNano + BigInt(Math.round(time))) / 1_000_000n)).toISOString();
  const end = node.type === 'sdk' ? node.end : node.exchange.end;
  const took = end === undefined ? 'and had not ended when it left' : `and took ${seconds(end - node.start)}`;
  const facts: Fact[] = [{ code: 'began', text: `It began at ${at(node.start)} ${took}.` }];
  const { knownAt, late, decidedAt, decidedBy, releasedAt } = life;
  if (node.type === 'sdk' && knownAt !== undefined)
    facts.push(
      late
        ? {
            code: 'late',
            text: `It was delivered ${seconds(knownAt - node.end)} after its end: late, what it belongs to had left already, and it was fitted to that.`,
          }
        : { code: 'delivered', text: `It was delivered ${seconds(knownAt - node.end)} after its end.` },
    );
  if (decidedAt !== undefined && decidedBy !== undefined)
    facts.push({
      code: `decided_${decidedBy}`,
      text: `Its place was decided at ${at(decidedAt)}, because ${BY[decidedBy]}, and does not change any more.`,
    });
  if (knownAt !== undefined)
    facts.push({
      code: 'released',
      text: `It left at ${at(releasedAt)}, ${seconds(releasedAt - knownAt)} after it was first known of.`,
    });
  return { topic: 'times', facts };
}

function seconds(duration: Nanos): string {
  if (Math.abs(duration) < 1e9) return `${(duration / 1e6).toFixed(duration < 1e7 ? 2 : 0)} ms`;
  return `${(duration / 1e9).toFixed(1)} s`;
}
