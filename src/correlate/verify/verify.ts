import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { Process } from '../../receiver/ebpf/exchange.ts';
import { EVIDENCE, type Evidence } from '../link/rule.ts';
import { isBelieved, type Statement, weigh } from '../link/weigh.ts';
import type { ExchangeNode } from '../node.ts';
import type { MergeObserver } from '../observer.ts';
import { type Judgement, TrackRecord } from './track-record.ts';
import { TELLS, trueCause } from './true-cause.ts';
import type { VerifyCounters } from './verify-counters.ts';

export interface VerifyOptions {
  /** Share of the calls that are verified, 0 to 1. */
  readonly sample: number;
  /** Precision under which a kind of evidence goes off in a service, 0 to 1. */
  readonly bar: number;
  /** How many of its last words that is measured over. */
  readonly window: number;
}

/** A kind of evidence went off in a service, or came back. */
export interface Switched {
  readonly service: string;
  readonly evidence: Evidence;
  readonly off: boolean;
  readonly precision: number;
  /** How many of its words that is over. */
  readonly judged: number;
}

/** Kinds that are verified; `all` is what comes of them together. */
export type Verified = Evidence | 'all';

/** Services with a record of their own. */
const MAX_SERVICES = 1000;
const OTHER_SERVICES = 'other services';

type Service = Map<Verified, TrackRecord>;

/**
 * Truth in production: for a share of the calls of which the wire or an SDK tells the cause, compares that with what each
 * other kind of evidence says by itself. A kind that is too often wrong in a service goes off there.
 */
export class Verify {
  readonly #options: VerifyOptions;
  readonly #counters: VerifyCounters;
  readonly #switched: (switched: Switched) => void;
  readonly #observer: MergeObserver | undefined;
  readonly #services = new Map<string, Service>();
  readonly #names = new WeakMap<Process, string>();
  readonly #statements = new WeakMap<ExchangeNode, Statement[]>();
  #off = 0;

  constructor(
    options: VerifyOptions,
    counters: VerifyCounters,
    switched: (switched: Switched) => void,
    observer?: MergeObserver,
  ) {
    this.#options = options;
    this.#counters = counters;
    this.#switched = switched;
    this.#observer = observer;
  }

  /** Evidence has spoken of a call; `believed` is asked when it is judged. */
  said(client: ExchangeNode, statement: Statement): void {
    if (TELLS.has(statement.evidence) || !this.#sampled(client)) return;
    const said = this.#statements.get(client);
    if (said) said.push(statement);
    else this.#statements.set(client, [statement]);
  }

  /** This kind of evidence may not link in the process's service. */
  isOff(process: Process, evidence: Evidence): boolean {
    return this.#off > 0 && this.#services.get(this.#nameOf(process))?.get(evidence)?.off === true;
  }

  /** A call leaves, and its tree is decided. */
  judge(client: ExchangeNode): void {
    if (!this.#sampled(client)) return;
    const statements = this.#statements.get(client) ?? [];
    this.#statements.delete(client);
    const truth = trueCause(client);
    if (truth === undefined) return;
    const name = this.#nameOf(client.exchange.process);
    const service = this.#service(name);
    const judge = (evidence: Verified, said: ExchangeNode | undefined) => {
      const judgement = judgementOf(said, truth);
      this.#observer?.verified?.(client, truth, evidence, judgement);
      this.#judged(name, service, evidence, judgement);
    };
    const outcome = weigh(statements.filter(({ evidence }) => service.get(evidence)?.off !== true));
    judge('all', outcome && 'cause' in outcome ? outcome.cause : undefined);
    for (const evidence of EVIDENCE) {
      const own = statements.filter((statement) => statement.evidence === evidence);
      // What has never spoken here, a rule for event loops in a server of threads, is not missing.
      if (own.length === 0 && !service.has(evidence)) continue;
      const word = own.find((statement) => statement.causes.length === 1 && isBelieved(statement));
      judge(evidence, word?.causes[0]);
    }
  }

  #sampled({ spanId }: ExchangeNode): boolean {
    return Number.parseInt(spanId.slice(8), 16) < this.#options.sample * 2 ** 32;
  }

  #judged(name: string, service: Service, evidence: Verified, judgement: Judgement): void {
    let record = service.get(evidence);
    if (!record) {
      record = new TrackRecord(this.#options.bar, this.#options.window);
      service.set(evidence, record);
    }
    const switched = record.add(judgement);
    this.#counters.judged(name, evidence, judgement, record);
    if (!switched || evidence === 'all') return;
    this.#off += record.off ? 1 : -1;
    this.#switched({ service: name, evidence, off: record.off, ...switched });
  }

  #service(name: string): Service {
    let service = this.#services.get(name);
    if (!service) {
      service = new Map();
      this.#services.set(name, service);
    }
    return service;
  }

  #nameOf(process: Process): string {
    let name = this.#names.get(process);
    if (name === undefined) {
      name = String(process.facts.resource.find(([key]) => key === ATTR_SERVICE_NAME)?.[1] ?? '');
      if (!this.#services.has(name) && this.#services.size >= MAX_SERVICES) name = OTHER_SERVICES;
      this.#names.set(process, name);
    }
    return name;
  }
}

function judgementOf(said: ExchangeNode | undefined, truth: ExchangeNode): Judgement {
  if (said === undefined) return 'missing';
  return said === truth ? 'right' : 'wrong';
}
