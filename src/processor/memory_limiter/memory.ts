import { totalmem } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** This process's memory, as the limiter needs it. */
export interface Memory {
  /** Bytes it may have: the cgroup's limit, or the machine's memory. */
  total(): number;
  /** Bytes in use: JavaScript objects, and buffers outside the heap, where most data is. */
  used(): number;
  /** Frees at once what nobody refers to. */
  collect(): void;
}

export const processMemory: Memory = {
  total() {
    const machine = totalmem();
    const constrained = process.constrainedMemory();
    return constrained > 0 ? Math.min(constrained, machine) : machine;
  },
  used() {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  collect() {
    // Without this flag from the start of the process, a new context is the only way to the collector.
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
    // Buffers are freed by another thread, of which `external` knows when the next collection begins, on Node 24.
    gc();
  },
};
