import type { Logger } from 'pino';
import { SpanloomError } from '../../error.ts';
import type { Host } from '../component.ts';
import { during } from '../config/problem.ts';
import type { Node } from './graph.ts';

/** @throws naming the component that did not start; the caller shuts down, also what did not come to its start */
export async function startAll(nodes: readonly Node[], host: Host, logger: Logger): Promise<void> {
  for (const { kind, id, component } of nodes) {
    try {
      await component.start(host);
    } catch (error) {
      throw during(`failed to start ${JSON.stringify(id)} ${kind}`, error);
    }
    logger.debug({ 'otelcol.component.id': id, 'otelcol.component.kind': kind }, 'Component started');
  }
}

/**
 * Shuts down in the opposite order of starting, everything, whatever fails on the way.
 *
 * @throws one error for all that failed
 */
export async function shutdownAll(nodes: readonly Node[]): Promise<void> {
  const errors: Error[] = [];
  for (const { kind, id, component } of [...nodes].reverse()) {
    try {
      await component.shutdown();
    } catch (error) {
      errors.push(during(`failed to shut down ${JSON.stringify(id)} ${kind}`, error));
    }
  }
  if (errors.length === 0) return;
  const message = errors.map((error) => error.message).join('; ');
  throw new SpanloomError('SPANLOOM_SHUTDOWN_FAILED', message, {
    cause: new AggregateError(errors, message),
  });
}
