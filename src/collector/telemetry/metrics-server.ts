import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SpanloomError } from '../../error.ts';
import { listen } from '../listen.ts';
import { CONTENT_TYPE } from './exposition.ts';

const PATH = '/metrics';
const IN_USE = new Set(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL']);

/** Serves metrics to Prometheus over HTTP. */
export class MetricsServer {
  readonly #metrics: { toString(): string };
  readonly #server: Server;

  /** `metrics` are written out anew for each request. */
  constructor(metrics: { toString(): string }) {
    this.#metrics = metrics;
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  /**
   * Listens, and resolves with the URL; port 0 is any free one.
   *
   * @throws {SpanloomError} `SPANLOOM_METRICS_LISTEN`, which says what to change
   */
  async start(host: string, port: number): Promise<string> {
    const named = host.includes(':') ? `[${host}]` : host;
    try {
      return `http://${named}:${await listen(this.#server, { host, port })}${PATH}`;
    } catch (error) {
      const { message, cause } = error as Error;
      const advice = IN_USE.has(String((cause as NodeJS.ErrnoException | undefined)?.code))
        ? '. The metrics of this collector are served there: choose another host or port with service::telemetry::metrics::readers, or serve none with service::telemetry::metrics::level: none'
        : '';
      const text = `binding address ${named}:${port} for Prometheus exporter: ${message}${advice}`;
      throw new SpanloomError('SPANLOOM_METRICS_LISTEN', text, { cause: error });
    }
  }

  async shutdown(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((done) => this.#server.close(() => done()));
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    if (request.url?.split('?', 1)[0] !== PATH) response.writeHead(404).end();
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    else response.writeHead(200, { 'Content-Type': CONTENT_TYPE }).end(this.#metrics.toString());
  }
}
