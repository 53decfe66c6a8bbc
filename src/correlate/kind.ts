/** `SpanKind` of OTLP. */
export const INTERNAL = 1;
export const SERVER = 2;
export const CLIENT = 3;
export const PRODUCER = 4;
export const CONSUMER = 5;

/** The span describes a request its process received. */
export function isIncoming(kind: number): boolean {
  return kind === SERVER || kind === CONSUMER;
}

/** The span describes a request its process sent. */
export function isOutgoing(kind: number): boolean {
  return kind === CLIENT || kind === PRODUCER;
}
