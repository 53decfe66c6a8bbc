import type { ContextHeaders, Offset } from '../protocol.ts';
import { latin1, latin1OrSame } from '../text.ts';
import type { Body } from './body.ts';
import { endOfCutHead } from './cut-head.ts';
import { type HttpRequest, isTelemetryExport, parseTarget, type Target } from './facts.ts';
import { Field, Headers } from './headers.ts';
import type { Messages } from './message-stream.ts';
import type { PendingRequest } from './pairing.ts';
import { isCutRequestLine, knownMethod, RequestLine } from './start-line.ts';

/** What a stream of requests tells the parser. */
export interface RequestListener {
  requestBegan(offset: Offset): PendingRequest;
  requestSaid(request: PendingRequest, facts: HttpRequest): void;
  requestsHidden(): void;
}

interface HeadFields {
  authority: string | undefined;
  userAgent: string | undefined;
  contentType: string | undefined;
  contentLength: number | undefined;
  chunked: boolean;
  traceparent: string | undefined;
  tracestate: string | undefined;
  others: Record<string, string> | undefined;
  requestIds: readonly (readonly [string, string])[];
}

const NO_IDS: readonly (readonly [string, string])[] = [];

const line = new RequestLine();
const headers = new Headers();

/** Requests: begins an exchange for each and reads what its head says. */
export class Requests implements Messages {
  readonly #listener: RequestListener;
  #request: PendingRequest | undefined;
  /** Data in front of a gap in the open request's head, as far as it was understood. */
  #cut: { facts: HttpRequest; fields: HeadFields } | undefined;
  /** Clients repeat these on every request of a connection. */
  #lastAuthority = '';
  #lastUserAgent = '';
  #lastTarget = '';
  #lastParsed: Target | undefined;
  #lastMethod: string | undefined;

  constructor(listener: RequestListener) {
    this.#listener = listener;
  }

  /** RFC 9110 10.1.1: who waits for 100 (Continue) and gets a final status may never send the body. */
  get bodyDoubtful(): boolean {
    return this.#request?.answered === true;
  }

  recognise(data: Uint8Array, from: number, searching: boolean): 'yes' | 'no' | 'more' {
    return searching ? line.readStrictly(data, from) : line.read(data, from);
  }

  recogniseCut(data: Uint8Array): boolean {
    return isCutRequestLine(data, 0);
  }

  begin(_data: Uint8Array, _from: number, offset: Offset): void {
    this.flush();
    this.#request = this.#listener.requestBegan(offset);
  }

  head(data: Uint8Array, from: number, body: Body): number {
    if (line.read(data, from) !== 'yes' || line.minor === undefined) return -1;
    let fieldsFrom = line.end;
    if (data[fieldsFrom] === 0x0d) fieldsFrom++;
    if (data[fieldsFrom] !== 0x0a) return -1;
    const end = headers.read(data, fieldsFrom + 1);
    if (end < 0) return -1;
    const fields = this.#fields();
    this.#say(this.#facts(data, from, fields, true));
    if (fields.chunked) body.start('chunked');
    else body.start('length', fields.contentLength ?? 0);
    return end;
  }

  headCut(data: Uint8Array): void {
    line.minor = undefined;
    const whole = line.read(data, 0) === 'yes' && line.minor !== undefined;
    const lf = whole ? data.indexOf(0x0a, line.end) : -1;
    if (lf >= 0) headers.read(data, lf + 1);
    else headers.read(data, data.length);
    const fields = this.#fields();
    const facts = this.#facts(data, 0, fields, false);
    if (this.#request) this.#request.method = facts.operation;
    this.#cut = { facts, fields };
  }

  headTail(data: Uint8Array): boolean {
    const cut = this.#cut;
    if (!cut) return false;
    const { fields } = cut;
    const tail = endOfCutHead(data);
    let whole = false;
    if (tail) {
      headers.read(data, tail.fieldsFrom);
      const rest = this.#fields();
      const length = fields.contentLength ?? rest.contentLength ?? 0;
      whole = !fields.chunked && !rest.chunked && data.length - tail.end === length;
      if (whole) this.#cut = { fields, facts: withRest(cut.facts, fields, rest) };
    }
    this.flush();
    return whole;
  }

  end(_offset: Offset): void {
    this.#request = undefined;
  }

  superseded(_offset: Offset): void {
    this.flush();
  }

  hidden(_offset: Offset): boolean {
    this.#listener.requestsHidden();
    return false;
  }

  /** Says what is known of a request whose head was cut: there is no more to wait for. */
  flush(): void {
    const cut = this.#cut;
    if (!cut) return;
    this.#cut = undefined;
    this.#say(cut.facts);
  }

  #say(facts: HttpRequest): void {
    const request = this.#request;
    if (!request) return;
    request.method = facts.operation;
    this.#listener.requestSaid(request, facts);
  }

  #fields(): HeadFields {
    const fields: HeadFields = {
      authority: undefined,
      userAgent: undefined,
      contentType: undefined,
      contentLength: undefined,
      chunked: false,
      traceparent: undefined,
      tracestate: undefined,
      others: undefined,
      requestIds: NO_IDS,
    };
    for (let i = 0; i < headers.count; i++) {
      switch (headers.field(i)) {
        case Field.ContentLength:
          fields.contentLength ??= headers.length(i);
          break;
        case Field.TransferEncoding:
          fields.chunked = headers.isChunked(i);
          break;
        case Field.Host:
          fields.authority ??= this.#lastAuthority = headers.sameOr(i, this.#lastAuthority);
          break;
        case Field.UserAgent:
          fields.userAgent ??= this.#lastUserAgent = headers.sameOr(i, this.#lastUserAgent);
          break;
        case Field.ContentType:
          fields.contentType ??= headers.value(i);
          break;
        case Field.Traceparent:
          fields.traceparent ??= headers.value(i);
          break;
        case Field.Tracestate:
          // W3C Trace Context 3.3.1: several tracestate fields are one list.
          fields.tracestate =
            fields.tracestate === undefined ? headers.value(i) : `${fields.tracestate},${headers.value(i)}`;
          break;
        case Field.OtherContext:
          fields.others ??= {};
          fields.others[headers.name(i)] ??= headers.value(i);
          break;
        case Field.RequestId:
          // An array that is pushed to takes room for 16 more, and open requests are many.
          fields.requestIds = fields.requestIds.concat([[headers.name(i), headers.value(i)]]);
          break;
      }
    }
    return fields;
  }

  #target(text: string, method: string): Target {
    if (this.#lastParsed !== undefined && text === this.#lastTarget && method === this.#lastMethod)
      return this.#lastParsed;
    this.#lastTarget = text;
    this.#lastMethod = method;
    this.#lastParsed = parseTarget(text, method);
    return this.#lastParsed;
  }

  #facts(data: Uint8Array, from: number, fields: HeadFields, complete: boolean): HttpRequest {
    const wholeLine = line.minor !== undefined;
    const method = knownMethod(data, from) ?? (wholeLine ? latin1(data, from, line.methodTo) : undefined);
    const target =
      method === undefined || line.targetTo <= line.targetFrom
        ? undefined
        : this.#target(latin1OrSame(data, line.targetFrom, line.targetTo, this.#lastTarget), method);
    const path = wholeLine || target?.query !== undefined ? target?.path : undefined;
    return {
      protocol: 'http',
      operation: method,
      target: wholeLine ? target?.target : undefined,
      path,
      query: wholeLine ? target?.query : undefined,
      scheme: target?.scheme ?? 'http',
      authority: wholeLine ? (target?.authority ?? fields.authority) : undefined,
      userAgent: fields.userAgent,
      version: wholeLine ? (line.minor === 1 ? '1.1' : `1.${line.minor}`) : undefined,
      bodySize: fields.contentLength,
      context: contextOf(fields, complete),
      requestIds: fields.requestIds,
      isTelemetryExport: isTelemetryExport(method, path, fields.contentType, complete),
    };
  }
}

const NO_CONTEXT: ContextHeaders = { complete: true };
const UNKNOWN_CONTEXT: ContextHeaders = { complete: false };

function contextOf({ traceparent, tracestate, others }: HeadFields, complete: boolean): ContextHeaders {
  if (traceparent === undefined && tracestate === undefined && others === undefined)
    return complete ? NO_CONTEXT : UNKNOWN_CONTEXT;
  const context: { -readonly [Key in keyof ContextHeaders]: ContextHeaders[Key] } = { complete };
  if (traceparent !== undefined) context.traceparent = traceparent;
  if (tracestate !== undefined) context.tracestate = tracestate;
  if (others !== undefined) context.others = others;
  return context;
}

/** The facts of a cut head with what the lines after the gap add. */
function withRest(facts: HttpRequest, fields: HeadFields, rest: HeadFields): HttpRequest {
  const merged: HeadFields = {
    ...fields,
    traceparent: fields.traceparent ?? rest.traceparent,
    tracestate: fields.tracestate ?? rest.tracestate,
    others: fields.others || rest.others ? { ...rest.others, ...fields.others } : undefined,
  };
  return {
    ...facts,
    authority: facts.authority ?? rest.authority,
    userAgent: facts.userAgent ?? rest.userAgent,
    bodySize: fields.contentLength ?? rest.contentLength,
    context: contextOf(merged, false),
    requestIds: [...facts.requestIds, ...rest.requestIds],
    isTelemetryExport: isTelemetryExport(
      facts.operation,
      facts.path,
      fields.contentType ?? rest.contentType,
      false,
    ),
  };
}
