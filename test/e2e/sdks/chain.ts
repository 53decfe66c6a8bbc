import { join } from 'node:path';
import { ManagedProcess } from '../../../examples/shop/run/managed-process.ts';
import { LANGUAGES } from './languages.ts';

export interface ChainOptions {
  readonly language: keyof typeof LANGUAGES;
  readonly protocol: 'grpc' | 'http/protobuf';
  /** Where the SDKs send to: a base URL. */
  readonly otlp: string;
  readonly ports: { readonly front: number; readonly plain: number; readonly back: number };
  readonly workDir: string;
  /** How long the SDKs gather spans before they export, in milliseconds; their own default when missing. */
  readonly sdkExportDelayMs?: number;
}

/**
 * A service with an SDK, which calls one in Python without any, which calls the first one's twin: the language's SDK is in
 * front of a service that nobody instrumented, and behind one that forwards no header.
 */
export class Chain {
  readonly url: string;
  readonly #programs: readonly ManagedProcess[];

  private constructor(url: string, programs: readonly ManagedProcess[]) {
    this.url = url;
    this.#programs = programs;
  }

  static async start(options: ChainOptions): Promise<Chain> {
    const { language, protocol, otlp, ports, workDir, sdkExportDelayMs } = options;
    const at = (port: number) => `http://127.0.0.1:${port}`;
    const { command, args } = LANGUAGES[language];
    const name = `${language}-${protocol.slice(0, 4)}`;
    const relay = (part: 'front' | 'back', upstream?: string) =>
      new ManagedProcess({
        name: `${name}-${part}`,
        command,
        args,
        env: {
          PORT: String(ports[part]),
          OTEL_SERVICE_NAME: part,
          OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          ...(upstream !== undefined && { UPSTREAM: upstream }),
          ...(sdkExportDelayMs !== undefined && { OTEL_BSP_SCHEDULE_DELAY: String(sdkExportDelayMs) }),
        },
        logFile: join(workDir, `${name}-${part}.log`),
      });
    const plain = new ManagedProcess({
      name: `${name}-plain`,
      command: '/usr/bin/python3',
      args: [join(import.meta.dirname, 'plain/relay.py')],
      env: { PORT: String(ports.plain), UPSTREAM: at(ports.back), OTEL_SERVICE_NAME: 'plain' },
      logFile: join(workDir, `${name}-plain.log`),
    });
    const chain = new Chain(at(ports.front), [relay('front', at(ports.plain)), plain, relay('back')]);
    try {
      const [front, , back] = chain.#programs as [ManagedProcess, ManagedProcess, ManagedProcess];
      await Promise.all([
        front.listening(ports.front),
        plain.listening(ports.plain),
        back.listening(ports.back),
      ]);
    } catch (error) {
      await chain.stop();
      throw error;
    }
    return chain;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
  }
}
