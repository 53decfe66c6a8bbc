import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Extension } from '../../collector/component.ts';
import { SpanloomError } from '../../error.ts';
import type { HealthCheckConfig } from './config.ts';

/** Answers probes over HTTP: 200 while the pipelines run, 503 before and after. */
export class HealthCheck implements Extension {
  #server: Server | undefined;
  #upSince: Date | undefined;

  constructor(readonly config: HealthCheckConfig) {}

  /** The port it listens on, where the configuration says 0. */
  get port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' ? address?.port : undefined;
  }

  async start(): Promise<void> {
    const { endpoint, path } = this.config;
    const server = createServer((request, response) => {
      if (request.url?.split('?', 1)[0] !== path) {
        response.writeHead(404).end();
        return;
      }
      response
        .writeHead(this.#upSince ? 200 : 503, { 'content-type': 'application/json' })
        .end(JSON.stringify(this.#status()));
    });
    server.listen(endpoint.port, endpoint.host === '' ? undefined : endpoint.host);
    try {
      await once(server, 'listening');
    } catch (error) {
      const { message } = error as Error;
      throw new SpanloomError(
        'SPANLOOM_HEALTH_CHECK_LISTEN',
        `failed to bind to ${endpoint.host}:${endpoint.port}: ${message}`,
        {
          cause: error,
        },
      );
    }
    this.#server = server;
  }

  ready(): void {
    this.#upSince = new Date();
  }

  notReady(): void {
    this.#upSince = undefined;
  }

  async shutdown(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  #status(): Record<string, string> {
    if (!this.#upSince) return { status: 'Server not available' };
    const uptime = (Date.now() - this.#upSince.getTime()) / 1000;
    return { status: 'Server available', upSince: this.#upSince.toISOString(), uptime: `${uptime}s` };
  }
}
