import type { Nanos } from '../../collector/clock.ts';
import type { ExchangeNode } from '../node.ts';
import { Tally } from './tally.ts';

/** Believed where less than one in so many speaks against it. */
const ONE_IN = 64;

/** Jobs for one kind of request after which they are seen to be all the same. */
const STEADY_AFTER = 4;

/** Kinds of request that are told apart; what is done for further ones is not believed. */
const MAX_ROUTES = 256;

/** What a worker called between two ends of jobs that could be seen. */
export interface Work {
  readonly calls: readonly ExchangeNode[];
  /** When the job before ended; undefined for the first that is seen of a worker. */
  readonly since: Nanos | undefined;
}

/** How many calls the jobs for one kind of request made. */
interface Route {
  /** What most of them made. */
  usual: number;
  readonly calls: Tally<number>;
}

/** How far it can be believed that all the work since the job before was for the request with which this one ended. */
export interface Credit {
  /** All calls were made after the request had been read. */
  readonly possible: boolean;
  /** All of it is believed by now. */
  readonly believed: () => boolean;
  /** Every job for a request of this kind has made as many calls so far, and that has been seen a few times. */
  readonly steady: () => boolean;
  /** How likely it is that some end of a job went by unseen. */
  readonly unseenEnd: () => number;
}

/**
 * What the workers of a process do, job by job: whether what they call before the end of a job is for the request the
 * job ends with. It is not where they also do jobs that call and whose end is not seen.
 *
 * Where workers wait for requests, such a job shows by a call made before the request was read. Where requests wait for
 * workers it does not, but there it makes the number of calls of a job vary: believed is only what is the same for all
 * requests of a kind.
 */
export class Jobs {
  readonly #possible = new Tally<'possible' | 'impossible'>();
  readonly #routes = new Map<string, Route>();

  /** A job ended with this request. */
  ended(request: ExchangeNode, { calls, since }: Work): Credit {
    const readAt = request.exchange.readAt ?? request.start;
    const possible = calls.every((call) => call.start >= readAt);
    if (calls.length > 0) this.#possible.add(possible ? 'possible' : 'impossible');
    const route = this.#route(request);
    if (route && possible) {
      route.calls.add(calls.length);
      if (route.calls.count(calls.length) >= route.calls.count(route.usual)) route.usual = calls.length;
    }
    const queued = since === undefined || since > readAt;
    const unseenEnd = () => (route ? unusual(route) : 1);
    const believed = () =>
      possible &&
      this.#possible.likelihood('impossible', 'possible') * ONE_IN < 1 &&
      (!queued || (route?.usual === calls.length && unusual(route) * ONE_IN < 1));
    const steady = () => route?.usual === calls.length && isSteady(route);
    return { possible, believed, steady, unseenEnd };
  }

  /** No call has been seen that can not have been made for the request its job ended with. */
  get neverImpossible(): boolean {
    return this.#possible.count('impossible') === 0;
  }

  #route({ exchange }: ExchangeNode): Route | undefined {
    const { operation = '', target = '' } = exchange.request ?? {};
    const key = `${exchange.connection.socket.localPort} ${operation} ${/^\/?[^/?#]*/.exec(target)![0]}`;
    let route = this.#routes.get(key);
    if (!route && this.#routes.size < MAX_ROUTES) {
      route = { usual: 0, calls: new Tally() };
      this.#routes.set(key, route);
    }
    return route;
  }
}

/** How likely another number of calls is (see `Tally.likelihood`). */
function unusual({ usual, calls }: Route): number {
  return (calls.total - calls.count(usual) + 1) / (calls.total + 2);
}

function isSteady({ usual, calls }: Route): boolean {
  return calls.total >= STEADY_AFTER && calls.count(usual) === calls.total;
}
