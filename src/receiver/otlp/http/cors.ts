import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpConfig } from '../config.ts';

/** Lets pages of the allowed origins send telemetry from a browser (the Fetch standard's CORS protocol). */
export class Cors {
  readonly #origins: readonly RegExp[];
  readonly #config: NonNullable<HttpConfig['cors']>;

  constructor(config: NonNullable<HttpConfig['cors']>) {
    this.#config = config;
    this.#origins = config.allowed_origins.map(originPattern);
  }

  /** Sets the response's headers; true when the request was a preflight and is answered. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = request.headers;
    const method = request.headers['access-control-request-method'];
    const preflight = request.method === 'OPTIONS' && method !== undefined;
    response.setHeader('Vary', 'Origin');
    if (origin !== undefined && this.#origins.some((pattern) => pattern.test(origin))) {
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      if (preflight) this.#allow(request, response, method);
      else if (this.#config.exposed_headers.length > 0)
        response.setHeader('Access-Control-Expose-Headers', this.#config.exposed_headers.join(', '));
    }
    if (preflight) response.writeHead(204).end();
    return preflight;
  }

  #allow(request: IncomingMessage, response: ServerResponse, method: string): void {
    const { allowed_headers, max_age } = this.#config;
    if (method !== 'POST') return;
    const always = ['accept', 'content-type', 'x-requested-with'];
    const allowed = new Set([...always, ...allowed_headers.map((name) => name.toLowerCase())]);
    const asked = (request.headers['access-control-request-headers'] ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '');
    if (!allowed.has('*') && !asked.every((name) => allowed.has(name))) return;
    response.setHeader('Access-Control-Allow-Methods', 'POST');
    if (asked.length > 0) response.setHeader('Access-Control-Allow-Headers', asked.join(', '));
    if (max_age > 0) response.setHeader('Access-Control-Max-Age', String(max_age));
  }
}

/** `*` stands for any text, inside an origin too: `https://*.example.com`. */
function originPattern(origin: string): RegExp {
  const parts = origin.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}
