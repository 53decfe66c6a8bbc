import type { ExecutionContext, Process } from '../../receiver/ebpf/exchange.ts';
import type { AtWork } from './context-requests.ts';

/** Contexts of a function that must have ended in time before one that still runs is believed to do so too. */
const EARNED_AFTER = 16;

/** At least so many must have ended in time for each that did not. */
const IN_TIME_FOR_EACH_LATE = 16;

/** A context that was started while requests were at work in the one that started it. */
interface Started {
  readonly context: ExecutionContext;
  readonly requests: AtWork;
  /** Who started it and was itself only started for those requests; undefined where that one had read them. */
  readonly by: Started | undefined;
  readonly record: FunctionRecord;
  fate: 'runs' | 'helper' | 'worker';
}

/** How contexts end that are made to run one function. */
interface FunctionRecord {
  inTime: number;
  late: number;
}

/**
 * Tells helpers from workers: a helper ends, and has made no call after the request it was started for was over; a
 * worker that happened to be started during a request goes on to serve others, and so does what it starts in turn.
 */
export class StartedContexts {
  readonly #started = new WeakMap<ExecutionContext, Started>();
  readonly #functions = new WeakMap<Process, Map<number, FunctionRecord>>();

  /** What the context was started for; undefined where no request was at work. */
  requestsOf(context: ExecutionContext): AtWork | undefined {
    return this.#started.get(context)?.requests;
  }

  /** `read` is what its parent has read itself and is at work on. */
  begin(context: ExecutionContext, read: AtWork | undefined): void {
    const by = read || !context.parent ? undefined : this.#started.get(context.parent);
    const requests = read ?? by?.requests;
    if (requests)
      this.#started.set(context, { context, requests, by, record: this.#recordOf(context), fate: 'runs' });
  }

  /** It made a call after the end of the request it was started for. */
  late(context: ExecutionContext): void {
    const started = this.#started.get(context);
    if (started?.fate !== 'runs') return;
    started.fate = 'worker';
    started.record.late++;
  }

  end(context: ExecutionContext): void {
    const started = this.#started.get(context);
    if (started?.fate !== 'runs') return;
    started.fate = 'helper';
    started.record.inTime++;
  }

  /**
   * `helper` if it and all that led to it were, `worker` if one of them was, and otherwise the nearest that runs and can
   * become either.
   */
  standing(context: ExecutionContext): 'helper' | 'worker' | ExecutionContext {
    let runs: ExecutionContext | undefined;
    for (let at = this.#started.get(context); at; at = at.by) {
      if (at.fate === 'worker') return 'worker';
      if (at.fate === 'runs') runs ??= at.context;
    }
    return runs ?? 'helper';
  }

  /** Whether those that still run can be taken for helpers, by what has become of others of their kind. */
  believed(context: ExecutionContext): boolean {
    for (let at = this.#started.get(context); at; at = at.by) {
      const { inTime, late } = at.record;
      const earned = inTime >= EARNED_AFTER && inTime >= late * IN_TIME_FOR_EACH_LATE;
      if (at.fate === 'worker' || (at.fate === 'runs' && !earned)) return false;
    }
    return true;
  }

  #recordOf({ process, origin }: ExecutionContext): FunctionRecord {
    let functions = this.#functions.get(process);
    if (!functions) {
      functions = new Map();
      this.#functions.set(process, functions);
    }
    let record = functions.get(origin);
    if (!record) {
      record = { inTime: 0, late: 0 };
      functions.set(origin, record);
    }
    return record;
  }
}
