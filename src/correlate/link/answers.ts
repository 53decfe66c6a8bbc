import type { ExchangeNode } from '../node.ts';
import { Tally } from './tally.ts';

/** Believed where less than one in so many speaks against it. */
const ONE_IN = 64;

/** Kinds of request that are told apart; further ones are never believed. */
const MAX_ROUTES = 256;

/** What was called before responses to one kind of request. */
interface Route {
  calls: number;
  readonly tally: Tally<'same' | 'other'>;
}

/**
 * Whether what the workers of a process call out for before a response is for that response: not where they also do jobs
 * that call and answer nobody.
 *
 * Where workers wait for requests, such a job shows by a call made before the request was read. Where requests wait for
 * workers it does not, but there it makes the number of calls before a response vary: believed is only what is the same for
 * all requests of a kind.
 */
export class Answers {
  readonly #possible = new Tally<'possible' | 'impossible'>();
  readonly #routes = new Map<string, Route>();

  /**
   * A worker answered.
   *
   * @param calls how many it had made since its last response
   * @param possible they can all have been made for this request
   * @param queued the request had been read before the worker was done with what it did before
   * @returns whether that is believed by now; `alone`: no other request was open in the process
   */
  add(request: ExchangeNode, calls: number, possible: boolean, queued: boolean): (alone: boolean) => boolean {
    if (calls > 0) this.#possible.add(possible ? 'possible' : 'impossible');
    const route = this.#route(request);
    if (route && possible) {
      route.tally.add(route.calls === calls ? 'same' : 'other');
      route.calls = calls;
    }
    return (alone) => {
      if (alone && this.#possible.count('impossible') === 0) return true;
      if (this.#possible.likelihood('impossible', 'possible') * ONE_IN >= 1) return false;
      return !queued || (route !== undefined && route.tally.likelihood('other', 'same') * ONE_IN < 1);
    };
  }

  #route({ exchange }: ExchangeNode): Route | undefined {
    const { operation = '', target = '' } = exchange.request ?? {};
    const key = `${exchange.connection.socket.localPort} ${operation} ${/^\/?[^/?#]*/.exec(target)![0]}`;
    let route = this.#routes.get(key);
    if (!route && this.#routes.size < MAX_ROUTES) {
      route = { calls: 0, tally: new Tally() };
      this.#routes.set(key, route);
    }
    return route;
  }
}
