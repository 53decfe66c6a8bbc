/** What is measured: each case is run with each collector. */

export type TransportName = 'grpc' | 'http';

/** `pass`: OTLP in, OTLP out. `hold`: traces are held for ten seconds in between. */
export type Work = 'pass' | 'hold';

export interface Case {
  readonly work: Work;
  readonly transport: TransportName;
  /** Spans a request. */
  readonly spans: number;
  /** Spans a second; 0: as many as are taken with `IN_FLIGHT` requests unacknowledged. */
  readonly rate: number;
  /** Seconds before the time measured, and measured. */
  readonly warmUp: number;
  readonly measure: number;
  /** Spans a second while warming up. */
  readonly warmUpRate: number;
  /** How often in a full run. */
  readonly rounds: number;
}

export const RATE = 10_000;
/** Compilers and heaps of both programs are to be as they are in one that has run for long. */
const WARM_UP_RATE = 50_000;
export const IN_FLIGHT = 16;
export const SIZES = [10, 100, 512];

/** Traces are held for this many seconds after their last span. */
export const HOLD_SECONDS = 10;

/** Longer than held and remembered together, so that what is kept neither grows nor shrinks any more. */
const STEADY_SECONDS = 75;

export function cases(quick: boolean): Case[] {
  const rounds = quick ? 1 : 3;
  const pass = (['grpc', 'http'] as const).flatMap((transport) =>
    SIZES.flatMap((spans) =>
      [RATE, 0].map(
        (rate): Case => ({
          work: 'pass',
          transport,
          spans,
          rate,
          warmUpRate: rate === 0 ? 0 : WARM_UP_RATE,
          warmUp: 2.5,
          measure: 3,
          rounds,
        }),
      ),
    ),
  );
  const hold = (transport: TransportName, spans: number, rate: number, warmUp: number): Case => ({
    work: 'hold',
    transport,
    spans,
    rate,
    warmUpRate: rate,
    warmUp,
    measure: 10,
    rounds: 1,
  });
  const filled = HOLD_SECONDS + 4;
  if (quick) return [...pass, hold('grpc', 100, RATE, filled)];
  return [
    ...pass,
    hold('grpc', 10, RATE, filled),
    hold('grpc', 100, RATE, STEADY_SECONDS),
    hold('grpc', 512, RATE, filled),
    hold('http', 100, RATE, filled),
    hold('grpc', 100, 0, filled),
  ];
}
