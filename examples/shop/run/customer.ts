import { join } from 'node:path';
import type { Shop } from '../shop.ts';
import { run } from './managed-process.ts';
import { SHOP } from './place.ts';

/** Lets a customer with the OpenTelemetry SDK send the orders: each trace starts at that program. */
export function sendAsInstrumentedCustomer(
  shop: Shop,
  labels: readonly string[],
  concurrency: number,
): Promise<void> {
  const ledgerFile = shop.ledgerFile('customer');
  return run({
    name: 'customer',
    command: process.execPath,
    args: [join(SHOP, 'web/customer.js'), shop.url, String(concurrency), ...labels],
    env: { ...shop.sdkEnv, OTEL_SERVICE_NAME: 'customer', LEDGER_FILE: ledgerFile },
    logFile: shop.logFile('customer'),
  });
}
