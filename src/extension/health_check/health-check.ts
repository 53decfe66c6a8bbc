import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Extension } from '../../collector/component.ts';
import { listen } from '../../collector/listen.ts';
import { serverTlsOptions } from '../../collector/server-tls.ts';
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
    const { endpoint, path, tls } = this.config;
    const answer: RequestListener = (request, response) => {
      if (request.url?.split('?', 1)[0] === path) this.#answer(response);
      else response.writeHead(404).end();
    };
    const server = tls ? createTlsServer(await serverTlsOptions(tls), answer) : createServer(answer);
    try {
      await listen(server, endpoint);
    } catch (error) {
      const { message } = (error as Error).cause as Error;
      throw new SpanloomError(
        'SPANLOOM_HEALTH_CHECK_LISTEN',
        `failed to bind to ${endpoint.host}:${endpoint.port}: ${message}`,
        { cause: error },
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

  #answer(response: ServerResponse): void {
    const status = this.#upSince ? 200 : 503;
    const { response_body: body } = this.config;
    if (body) response.writeHead(status).end(this.#upSince ? body.healthy : body.unhealthy);
    else
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(this.#status()));
  }

  #status(): Record<string, string> {
    if (!this.#upSince) return { status: 'Server not available' };
    const uptime = (Date.now() - this.#upSince.getTime()) / 1000;
    return { status: 'Server available', upSince: this.#upSince.toISOString(), uptime: `${uptime}s` };
  }
}
