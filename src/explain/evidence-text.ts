import type { Evidence } from '../correlate/link/rule.ts';

const MEANS: Readonly<Partial<Record<Evidence | 'peer', string>>> = {
  peer: 'both are the two ends of one request: the same position of the same connection',
  wire_context: 'the header of the request names that span',
  forwarded_context:
    'the call carries the trace context that came in on that request, and on no other open one',
  request_id: 'the call carries the request id that came in on that request, and on no other open one',
  goroutine: 'the goroutine that made the call had read that request, or was started for it',
  asyncio: 'the task that made the call was made for the connection on which that request was at work',
  thread: 'it was the one request active on the thread that made the call',
  response_writer: 'the thread that made the call answered that request next',
  completion_wake: 'the thread that made the call then woke the one that waited with that request',
  slice: 'what the thread had read just before was about that request',
  sdk_span:
    'an SDK span of the same process matches it by connection and content, or by system, operation and time',
};

/** What a kind of evidence says of a span and its parent, as a clause after "because". */
export function meaningOf(evidence: string): string {
  const meaning: string | undefined = MEANS[evidence as Evidence];
  return meaning ?? `evidence of the kind ${evidence} says so`;
}
