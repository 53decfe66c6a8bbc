import type { Activity } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { MergeObserver } from '../observer.ts';
import type { Verify } from '../verify/verify.ts';
import { ActiveRequests } from './active-requests.ts';
import { AsyncioRule } from './asyncio.ts';
import { CompletionWake } from './completion-wake.ts';
import { ForwardedContext } from './forwarded-context.ts';
import { GoroutineRule } from './goroutine.ts';
import { PythonLoops } from './python-loops.ts';
import { RequestId } from './request-id.ts';
import { ResponseWriter } from './response-writer.ts';
import type { Evidence, LinkRule, LinkSink, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import { SliceRule } from './slice.ts';
import { ThreadRule } from './thread.ts';
import { ThreadNotes } from './thread-notes.ts';
import { Trust } from './trust.ts';
import { CHECKED, GUESSES, type Statement, weigh } from './weigh.ts';

/** Who is told what the rules come to. */
export interface Links {
  link(client: ExchangeNode, cause: ExchangeNode, evidence: Evidence): void;
  /** Evidence is there and does not tell; `among` where it leaves only these to choose from. */
  ambiguous(client: ExchangeNode, among: readonly ExchangeNode[] | undefined): void;
}

/** The rules that are switched on, strongest first, and what comes of what they say. */
export class LinkRules implements LinkSink {
  readonly #trust = new Trust();
  readonly #threads = new ThreadNotes();
  readonly #active = new ActiveRequests(this.#threads);
  readonly #pythonLoops = new PythonLoops();
  readonly #rules: readonly LinkRule[];
  readonly #links: Links;
  readonly #observer: MergeObserver | undefined;
  readonly #verify: Verify | undefined;
  /** What was said late during the activity under way. */
  readonly #said = new Map<ExchangeNode, Statement[]>();

  constructor(evidence: ReadonlySet<Evidence>, links: Links, observer?: MergeObserver, verify?: Verify) {
    this.#links = links;
    this.#observer = observer;
    this.#verify = verify;
    const all: readonly LinkRule[] = [
      new ForwardedContext(),
      new RequestId(),
      new GoroutineRule(this),
      new AsyncioRule(this),
      new ThreadRule(this.#threads, this.#active, this.#trust, this),
      new ResponseWriter(this.#threads, this.#active, this.#trust, this),
      new CompletionWake(this.#threads, this.#active, this.#trust, this),
      new SliceRule(this.#threads, this.#active, this.#trust, this),
    ];
    this.#rules = all.filter((rule) => evidence.has(rule.evidence));
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    this.#pythonLoops.observe(activity);
    for (const rule of this.#rules) rule.observe(activity, node);
    this.#active.observe(activity, node);
    this.#decideSaid();
  }

  /** A call was written: links it if its cause is known by now. */
  called(client: ExchangeNode): void {
    const statements: Statement[] = [];
    for (const rule of this.#rules) {
      if (this.#contextsTell(client, rule.evidence)) {
        this.#observer?.said?.(client, rule.evidence, undefined, 'contexts_tell');
        continue;
      }
      const verdict = rule.cause(client, client.exchange.thread);
      if (this.#observer?.said) this.#tell(this.#observer, rule, client, verdict);
      if (verdict === undefined) continue;
      const causes = 'cause' in verdict ? [verdict.cause] : verdict.ambiguous;
      const statement: Statement = { evidence: rule.evidence, causes, believed: true };
      this.#verify?.said(client, statement);
      statements.push(statement);
    }
    if (statements.length > 0) this.#decide(client, statements);
  }

  /** Its tree is about to leave: what is pending about this call is decided with what is known now. */
  settle(client: ExchangeNode): void {
    for (const rule of this.#rules) rule.settle?.(client);
    this.#decideSaid();
    // The process may have earned it meanwhile.
    const statements = client.unbelieved;
    if (statements && !client.cause) this.#decide(client, statements);
  }

  /** @internal for the rules */
  linked(
    client: ExchangeNode,
    cause: ExchangeNode,
    evidence: Evidence,
    believed: boolean | (() => boolean),
  ): void {
    if (this.#contextsTell(client, evidence)) return;
    this.#observer?.said?.(client, evidence, { cause }, undefined);
    const statement: Statement = { evidence, causes: [cause], believed };
    this.#verify?.said(client, statement);
    if (client.cause) {
      this.#check(client, [statement]);
      return;
    }
    // Later readings of a slice build on the earlier ones; the others wait for what is said beside them.
    if (evidence === 'slice') {
      this.#decide(client, [statement]);
      return;
    }
    const said = this.#said.get(client);
    if (said) said.push(statement);
    else this.#said.set(client, [statement]);
  }

  /** @internal for the rules */
  ambiguous(
    client: ExchangeNode,
    candidates: readonly ExchangeNode[],
    evidence: Evidence,
    why: Silence,
  ): void {
    this.#observer?.said?.(client, evidence, { ambiguous: candidates }, why);
    if (!client.cause) this.#links.ambiguous(client, undefined);
  }

  /** What reads the order of things is not asked about calls from event loops whose tasks are told apart. */
  #contextsTell(client: ExchangeNode, evidence: Evidence): boolean {
    return CHECKED.has(evidence) && this.#pythonLoops.ran(client);
  }

  #tell(observer: MergeObserver, rule: LinkRule, client: ExchangeNode, verdict: Verdict): void {
    const why =
      verdict === undefined
        ? (rule.silence?.(client, client.exchange.thread) ?? 'nothing_seen')
        : 'ambiguous' in verdict
          ? 'several_candidates'
          : undefined;
    observer.said?.(client, rule.evidence, verdict, why);
  }

  #decideSaid(): void {
    if (this.#said.size === 0) return;
    const said = [...this.#said];
    this.#said.clear();
    for (const [client, statements] of said) this.#decide(client, statements);
  }

  #decide(client: ExchangeNode, statements: readonly Statement[]): void {
    const { process } = client.exchange;
    const trusted = statements.filter(
      ({ evidence }) => !this.#trust.doubted(process, evidence) && !this.#verify?.isOff(process, evidence),
    );
    const outcome = weigh(trusted, client.among);
    if (outcome === undefined || 'unbelieved' in outcome) {
      client.unbelieved = statements;
      this.#links.ambiguous(client, undefined);
    } else if ('ambiguous' in outcome) this.#links.ambiguous(client, outcome.ambiguous);
    else this.#links.link(client, outcome.cause, outcome.evidence);
    if (client.cause) this.#check(client, statements);
  }

  /** What is exact judges what guesses; guesses that agree or disagree judge each other. */
  #check(client: ExchangeNode, statements: readonly Statement[]): void {
    const { process } = client.exchange;
    const decided = client.evidence!;
    for (const { evidence, causes } of statements) {
      if (evidence === decided || causes.length !== 1 || !CHECKED.has(evidence)) continue;
      const right = causes[0] === client.cause;
      this.#observer?.linking?.(client, causes[0]!, evidence, right ? 'confirmed' : 'contradicted');
      this.#trust.checked(process, evidence, right);
      if (GUESSES.has(decided) && GUESSES.has(evidence)) this.#trust.checked(process, decided, right);
    }
  }
}
