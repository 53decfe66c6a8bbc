import { join } from 'node:path';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { type Shop, startShop } from '../../examples/shop/shop.ts';
import { type HelloWorld, startHelloWorld } from '../common/nginx.ts';
import { inRepository } from '../common/repository.ts';
import { Sink } from './sink.ts';
import { FORKING_SERVICE, LOAD_RECEIVER } from './sums.ts';

const SDK_EXPORT_MS = 500;

/** How long `correlate` holds and remembers, in milliseconds. */
export interface Windows {
  readonly decisionWaitMs: number;
  readonly lateWindowMs: number;
}

/** What Spanloom watches and sends to. */
export class World {
  readonly #stops: (() => Promise<void>)[] = [];
  #forking!: ManagedProcess;
  #workDir!: string;
  shop!: Shop;
  hello!: HelloWorld;
  sink!: Sink;
  forkingPort!: number;
  /** Ports of Spanloom's receivers: for SDKs by gRPC and HTTP, and for the load. */
  otlp!: { readonly grpc: number; readonly http: number; readonly load: number };

  static async start(workDir: string): Promise<World> {
    const world = new World();
    try {
      await world.#start(workDir);
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  async #start(workDir: string): Promise<void> {
    this.#workDir = workDir;
    const [grpc, http, load, forking] = (await freePorts(4)) as [number, number, number, number];
    this.otlp = { grpc, http, load };
    this.forkingPort = forking;
    this.sink = await Sink.start();
    this.#stops.push(() => this.sink.stop());
    this.shop = await startShop({
      workDir,
      otlp: { grpc: `http://127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}` },
      sdkExportDelayMs: SDK_EXPORT_MS,
    });
    this.#stops.push(() => this.shop.stop());
    this.hello = await startHelloWorld(workDir);
    this.#stops.push(() => this.hello.stop());
    await this.#startForking();
    this.#stops.push(() => this.#forking.stop());
  }

  /** Ends the server that forks, and starts it again. Nobody may be asking it meanwhile. */
  async restartForking(): Promise<void> {
    await this.#forking.stop();
    await this.#startForking();
  }

  async #startForking(): Promise<void> {
    this.#forking = new ManagedProcess({
      name: 'forking',
      command: '/usr/bin/python3',
      args: [inRepository('test/e2e/programs/forking-server.py')],
      env: { PORT: String(this.forkingPort), OTEL_SERVICE_NAME: FORKING_SERVICE },
      logFile: join(this.#workDir, 'forking.log'),
    });
    await this.#forking.listening(this.forkingPort);
  }

  config({ decisionWaitMs, lateWindowMs }: Windows): object {
    const { nginx, web, stock, price } = this.shop.ports;
    const watched = [nginx, web, stock, price, this.hello.port, this.forkingPort];
    const endpoint = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
    const receivers = ['otlp', LOAD_RECEIVER];
    const rest = { processors: ['correlate'], exporters: ['otlp_http'] };
    return {
      receivers: {
        ebpf: { instrument: [{ open_ports: watched.join(',') }] },
        otlp: { protocols: { grpc: endpoint(this.otlp.grpc), http: endpoint(this.otlp.http) } },
        [LOAD_RECEIVER]: { protocols: { http: endpoint(this.otlp.load) } },
      },
      processors: {
        correlate: { decision_wait: `${decisionWaitMs}ms`, late_window: `${lateWindowMs}ms` },
      },
      exporters: { otlp_http: { endpoint: this.sink.url, compression: 'none' }, nop: null },
      service: {
        telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { port: 0 } } } }] } },
        pipelines: {
          traces: { receivers: ['ebpf', ...receivers], ...rest },
          logs: { receivers, ...rest },
          metrics: { receivers: ['otlp'], exporters: ['nop'] },
        },
      },
    };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.reverse().splice(0)) await stop();
  }
}
