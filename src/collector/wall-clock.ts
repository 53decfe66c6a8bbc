/**
 * For tests of hosts whose clocks differ: this process takes its machine's wall clock to be so many milliseconds
 * further. Nobody else sets it.
 */
const SHIFT_MS = Number(process.env.SPANLOOM_TEST_CLOCK_SHIFT_MS ?? 0);

export const WALL_CLOCK_SHIFT_NANO = BigInt(Math.round(SHIFT_MS * 1e6));
