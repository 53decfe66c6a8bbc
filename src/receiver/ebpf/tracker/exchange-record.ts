import type { Nanos } from '../../../collector/clock.ts';
import type { Connection, Exchange, ExecutionContext, Process, Side, Thread } from '../exchange.ts';
import type { Protocol, RequestFacts, ResponseFacts } from '../protocols/protocol.ts';
import type { Call } from './stream.ts';

/** An `Exchange` while it is filled in. */
export class ExchangeRecord implements Exchange {
  readonly side: Side;
  readonly process: Process;
  readonly start: Nanos;
  readonly readAt: Nanos | undefined;
  readonly unaligned: boolean;
  thread: Thread;
  context: ExecutionContext | undefined;
  request: RequestFacts | undefined = undefined;
  response: ResponseFacts | undefined = undefined;
  responseStart: Nanos | undefined = undefined;
  end: Nanos | undefined = undefined;
  requestBytes = 0;
  responseBytes = 0;
  retransmits: number;
  incomplete: Exchange['incomplete'] = undefined;
  discarded = false;

  constructor(
    readonly connection: Connection,
    readonly protocol: Protocol,
    readonly position: number,
    call: Call,
    /** Retransmissions of the socket before the exchange; replaced by the difference at its end. */
    readonly retransmitsBefore: number,
  ) {
    this.side = connection.side;
    this.process = call.thread.process;
    this.thread = call.thread;
    this.context = call.context;
    this.unaligned = call.unaligned;
    this.retransmits = 0;
    if (this.side === 'server') {
      this.start = Math.min(call.arrival, call.end);
      this.readAt = call.end;
    } else {
      this.start = call.begin;
      this.readAt = undefined;
    }
  }
}
