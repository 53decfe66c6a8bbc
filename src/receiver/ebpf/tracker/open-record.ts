import type { Offset, OpenExchange } from '../protocols/protocol.ts';
import type { ExchangeRecord } from './exchange-record.ts';

/** The connection of an exchange: it knows the call whose bytes are being parsed. */
export interface ExchangeOwner {
  requestSeen(record: ExchangeRecord): void;
  responseSeen(record: ExchangeRecord, offset: Offset): void;
  ended(record: ExchangeRecord, offset: Offset): void;
  lost(record: ExchangeRecord, offset: Offset): void;
  discarded(record: ExchangeRecord): void;
}

/** What the parser holds of an exchange. */
export class OpenRecord implements OpenExchange {
  constructor(
    private readonly owner: ExchangeOwner,
    private readonly record: ExchangeRecord,
  ) {}

  request(facts: ExchangeRecord['request'] & object): void {
    this.record.request = facts;
    if (facts.isTelemetryExport) this.discard();
    else this.owner.requestSeen(this.record);
  }

  responseBegin(offset: Offset): void {
    if (!this.record.discarded) this.owner.responseSeen(this.record, offset);
  }

  response(facts: ExchangeRecord['response'] & object): void {
    this.record.response = facts;
  }

  end(offset: Offset): void {
    this.owner.ended(this.record, offset);
  }

  lost(offset: Offset): void {
    if (!this.record.discarded) this.owner.lost(this.record, offset);
  }

  discard(): void {
    this.owner.discarded(this.record);
  }
}
