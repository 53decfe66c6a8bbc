import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../../examples/shop/run/managed-process.ts';
import { EXAMPLES, peer } from './peers.ts';

/** An upstream Collector that takes OTLP over gRPC and writes what it got to a file. */
export interface Otelcol {
  /** `host:port` for OTLP over gRPC. */
  readonly endpoint: string;
  /** Ends it and returns what it got, an OTLP JSON request a line. */
  finish(): Promise<string>;
  stop(): Promise<void>;
}

/** `folder` has to exist; its log and output go there. */
export async function startOtelcol(folder: string): Promise<Otelcol> {
  const [port] = (await freePorts(1)) as [number];
  const endpoint = `127.0.0.1:${port}`;
  const output = join(folder, 'otelcol.jsonl');
  const otelcol = new ManagedProcess({
    name: 'otelcol',
    command: peer('otelcol'),
    args: ['--config', join(EXAMPLES, 'otelcol/otelcol.yaml')],
    env: { OTELCOL_OTLP_GRPC: endpoint, OTELCOL_OUTPUT: output },
    logFile: join(folder, 'otelcol.log'),
  });
  try {
    await otelcol.listening(port);
  } catch (error) {
    await otelcol.stop();
    throw error;
  }
  return {
    endpoint,
    finish: async () => {
      await otelcol.stop();
      return readFileSync(output, 'utf8');
    },
    stop: () => otelcol.stop(),
  };
}
