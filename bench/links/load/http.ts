import { Agent, request } from 'node:http';
import type { Job, LabelledRequest, Load } from '../case.ts';
import { LABEL_HEADER } from '../label.ts';

export interface LoadOptions {
  /** A connection for each request. Default false: as many connections as requests at a time, used again and again. */
  readonly newConnections?: boolean;
  /** Statuses that are as they should be; default: 200. */
  readonly expected?: readonly number[];
  /** Further headers of a request. */
  readonly headers?: (request: LabelledRequest) => Readonly<Record<string, string>>;
}

/** GET requests to a port of 127.0.0.1, each sender asking again as soon as it is answered. */
export function http(port: number, options: LoadOptions = {}): Load {
  const { newConnections = false, expected = [200], headers = () => ({}) } = options;
  return async ({ requests, concurrency, signal }: Job) => {
    const agent = new Agent({ keepAlive: !newConnections, maxSockets: concurrency });
    const waiting = requests.values();
    const sender = async () => {
      for (const labelled of waiting) {
        const status = await get(port, labelled, agent, headers(labelled), signal);
        if (!expected.includes(status))
          throw new Error(`${labelled.label} was answered with status ${status}`);
      }
    };
    try {
      await Promise.all(Array.from({ length: concurrency }, sender));
    } finally {
      agent.destroy();
    }
  };
}

function get(
  port: number,
  { label, path }: LabelledRequest,
  agent: Agent,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      agent,
      signal,
      // The label first: of a request in many pieces (Varnish) the first eight are captured.
      headers: { [LABEL_HEADER]: label, host: 'a', ...headers },
    };
    const outgoing = request(options, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => resolve(response.statusCode!));
    });
    outgoing.once('error', (error) => reject(new Error(`${label}: ${error.message}`)));
    outgoing.end();
  });
}
