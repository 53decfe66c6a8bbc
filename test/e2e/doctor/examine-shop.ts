import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { label } from '../../../examples/shop/ledger.ts';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { sendOrders } from '../../../examples/shop/run/send-orders.ts';
import { type ShopOptions, startShop } from '../../../examples/shop/shop.ts';
import { writeConfig } from '../../support/spanloom-config.ts';
import { CliRun, type Ended } from './run-cli.ts';

/** What is different about the shop. */
export type Examination = Pick<ShopOptions, 'workDir' | 'stockForwards' | 'sdkServices'>;

export interface Examined {
  /** What the doctor, watching live, said. */
  readonly live: Ended;
  /** What it recorded meanwhile. */
  readonly recording: string;
}

export const ORDERS = 60;

/** SDKs export every 5 s, and a decision waits 10 s: then everything is told. */
const ALL_DECIDED_MS = 18_000;

/** Starts the shop, sends orders through it while the doctor watches and records, and stops everything. */
export async function examineShop(examination: Examination): Promise<Examined> {
  const { workDir } = examination;
  const [grpc, http] = (await freePorts(2)) as [number, number];
  const shop = await startShop({
    ...examination,
    otlp: { grpc: `http://127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}` },
  });
  try {
    await sendOrders(shop.url, labels(9000, 10), 5);
    const { nginx, web, stock, price } = shop.ports;
    const config = writeConfig(workDir, 'doctor', {
      ebpf: { instrument: [{ open_ports: [nginx, web, stock, price].join(',') }] },
      otlp: { grpc, http },
      correlate: {},
      output: join(workDir, 'not-written.jsonl'),
    });
    const recording = join(workDir, 'doctor.rec');
    const doctor = new CliRun(
      ...['doctor', '--config', config, '--record', recording, '--for', '5m', '--format', 'json'],
    );
    try {
      await doctor.saidOnStderr('Watching');
      await sendOrders(shop.url, labels(0, ORDERS), 5);
      await sleep(ALL_DECIDED_MS);
      doctor.stop();
      return { live: await doctor.ended, recording };
    } finally {
      doctor.stop();
    }
  } finally {
    await shop.stop();
  }
}

function labels(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => label(first + i));
}
