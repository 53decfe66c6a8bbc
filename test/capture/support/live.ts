import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '../../../src/collector/clock.ts';
import { Counters } from '../../../src/collector/counters.ts';
import { ITERATORS, isMissing } from '../../../src/receiver/ebpf/capture/capabilities.ts';
import { KernelCapture, type KernelCaptureOptions } from '../../../src/receiver/ebpf/capture/kernel.ts';
import type { CaptureEvent, ConnectionEvent, Message } from '../../../src/receiver/ebpf/message.ts';

/** Why this machine can not capture; undefined where it can. On CI a machine that cannot is a failure. */
export function whyNoCapture(): string | undefined {
  let reason: string | undefined;
  try {
    const missing = KernelCapture.probe().filter(({ required, available }) => required && !available);
    if (missing.length > 0) reason = `${missing.map(({ name }) => name).join(', ')} missing`;
  } catch (error) {
    reason = (error as Error).message;
  }
  if (reason === undefined) return undefined;
  if (process.env.CI === 'true') throw new Error(`cannot test the capture: ${reason}`);
  process.stderr.write(`skipped, because this machine can not capture: ${reason}\n`);
  return reason;
}

/** Why this kernel can not look through all sockets that are followed; undefined where it can. */
export function whyNoIterators(): string | undefined {
  if (whyNoCapture() || !isMissing(KernelCapture.probe(), ITERATORS)) return undefined;
  process.stderr.write('skipped, because this kernel refuses BPF iterators: what was closed unseen\n');
  return 'no BPF iterators';
}

/** A running capture that keeps copies of all events. */
export class Live {
  readonly events: CaptureEvent[] = [];
  readonly clock = new SystemClock();
  readonly counters = new Counters();
  readonly capture: KernelCapture;

  constructor(options: Partial<KernelCaptureOptions> = {}) {
    this.capture = new KernelCapture({ clock: this.clock, counters: this.counters, ...options });
  }

  async start(...pids: number[]): Promise<this> {
    await this.capture.start({
      event: (event) => {
        this.events.push(
          event.type === 'message' ? { ...event, head: event.head.slice(), tail: event.tail.slice() } : event,
        );
      },
      process() {},
      drained() {},
    });
    for (const pid of pids) this.capture.select(pid);
    return this;
  }

  stop(): Promise<void> {
    return this.capture.shutdown();
  }

  messages(pid: number, direction?: Message['direction']): Message[] {
    return this.events.filter(
      (event): event is Message =>
        event.type === 'message' &&
        event.task.pid === pid &&
        (direction === undefined || event.direction === direction),
    );
  }

  connections(pid: number): ConnectionEvent[] {
    return this.events.filter(
      (event): event is ConnectionEvent => event.type === 'connection' && event.task.pid === pid,
    );
  }

  /** Waits until `find` finds something in what was captured. */
  async until<T>(find: () => T | undefined | false): Promise<T> {
    for (let tries = 0; tries < 500; tries++) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      await sleep(10);
    }
    throw new Error(`not captured: ${find}`);
  }

  /** Moves a marker over the pair's connection and waits for it: whatever came before it has been captured. */
  async messageAfter(pid: number, direction: Message['direction'], text: string): Promise<Message> {
    return this.until(() =>
      this.messages(pid, direction).find(({ head }) => Buffer.from(head).includes(text)),
    );
  }
}
