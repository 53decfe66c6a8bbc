import { int32At } from '../byte-reader.ts';

/** Message types, PostgreSQL documentation 55.7 "Message Formats". */
export const Frontend = {
  Bind: 0x42, // B
  Close: 0x43, // C
  Describe: 0x44, // D
  Execute: 0x45, // E
  FunctionCall: 0x46, // F
  Flush: 0x48, // H
  Parse: 0x50, // P
  Query: 0x51, // Q
  Sync: 0x53, // S
  Terminate: 0x58, // X
  CopyDone: 0x63, // c
  CopyData: 0x64, // d
  CopyFail: 0x66, // f
  Password: 0x70, // p, and the SASL and GSS responses
} as const;

export const Backend = {
  ParseComplete: 0x31, // 1
  BindComplete: 0x32, // 2
  CloseComplete: 0x33, // 3
  NotificationResponse: 0x41, // A
  CommandComplete: 0x43, // C
  DataRow: 0x44, // D
  ErrorResponse: 0x45, // E
  CopyInResponse: 0x47, // G
  CopyOutResponse: 0x48, // H
  EmptyQueryResponse: 0x49, // I
  BackendKeyData: 0x4b, // K
  NoticeResponse: 0x4e, // N
  Authentication: 0x52, // R
  ParameterStatus: 0x53, // S
  RowDescription: 0x54, // T
  FunctionCallResponse: 0x56, // V
  CopyBothResponse: 0x57, // W
  ReadyForQuery: 0x5a, // Z
  CopyDone: 0x63, // c
  CopyData: 0x64, // d
  NoData: 0x6e, // n
  PortalSuspended: 0x73, // s
  ParameterDescription: 0x74, // t
  NegotiateProtocolVersion: 0x76, // v
} as const;

/** Codes in place of a protocol version, in messages without a type at the beginning of a connection. */
export const StartupCode = {
  Cancel: 80_877_102,
  Ssl: 80_877_103,
  GssEncryption: 80_877_104,
} as const;
/** Major version 3 in the upper half of the word. */
export const isProtocol3 = (code: number): boolean => code >>> 16 === 3;

/** Bytes of type and length; the length counts itself and not the type. */
export const HEADER_LENGTH = 5;

/** What a message's header and the visible part of its payload must look like. */
interface Shape {
  /** Value of the length field, at least and at most. */
  readonly min: number;
  readonly max: number;
  /** Checks the payload at `from`, of which `to - from` bytes of `size` are there. */
  readonly fits?: (data: Uint8Array, from: number, to: number, size: number) => boolean;
}

export type Shapes = ReadonlyMap<number, Shape>;

const ANY = 0x3fff_ffff;
/** Longest of what is written as text by a server: tags, parameters, errors. */
const TEXT = 65_536;
/** A message that goes on beyond what is seen is believed up to this length: bytes of text make up larger ones. */
const BELIEVED = 0xf_ffff;
const empty: Shape = { min: 4, max: 4 };

const isPrintable = (byte: number): boolean =>
  byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;

/** Printable up to a zero byte or the end of what is there. Returns the index after the zero, or `to`. */
function afterText(data: Uint8Array, from: number, to: number): number | undefined {
  for (let i = from; i < to; i++) {
    if (data[i] === 0) return i + 1;
    if (!isPrintable(data[i]!)) return undefined;
  }
  return to;
}

const texts =
  (count: number) =>
  (data: Uint8Array, from: number, to: number, size: number): boolean => {
    let at: number | undefined = from;
    for (let i = 0; i < count && at !== undefined; i++) at = afterText(data, at, to);
    if (at === undefined) return false;
    return to - from < size || (at === to && data[to - 1] === 0);
  };

/** `count` strings and then `rest` bytes, or more where `rest` is undefined. */
const textsThen =
  (count: number, rest?: number) =>
  (data: Uint8Array, from: number, to: number, size: number): boolean => {
    let at: number | undefined = from;
    for (let i = 0; i < count && at !== undefined; i++) at = afterText(data, at, to);
    if (at === undefined) return false;
    return to - from < size || rest === undefined || to - at === rest;
  };

/** `S` (statement) or `P` (portal) and a name. */
const named = (data: Uint8Array, from: number, to: number, size: number): boolean =>
  from === to || ((data[from] === 0x53 || data[from] === 0x50) && texts(1)(data, from + 1, to, size - 1));

/** Fields of one letter and a text, up to a zero byte. */
const fields = (data: Uint8Array, from: number, to: number, size: number): boolean => {
  let at: number | undefined = from;
  while (at !== undefined && at < to && data[at] !== 0) {
    if (!/[A-Za-z]/.test(String.fromCharCode(data[at]!))) return false;
    at = afterText(data, at + 1, to);
  }
  return at !== undefined && (to - from < size || (at === to - 1 && to > from));
};

/** A count of columns that the payload has room for, `each` bytes a column. */
const columns = (each: number) => (data: Uint8Array, from: number, to: number, size: number) =>
  to - from < 2 || ((data[from]! << 8) | data[from + 1]!) * each <= size - 2;

const isStatus = (data: Uint8Array, from: number, to: number): boolean =>
  from === to || data[from] === 0x49 || data[from] === 0x54 || data[from] === 0x45;

export const FRONTEND: Shapes = new Map<number, Shape>([
  [Frontend.Query, { min: 5, max: ANY, fits: texts(1) }],
  [Frontend.Parse, { min: 8, max: ANY, fits: textsThen(2) }],
  [Frontend.Bind, { min: 12, max: ANY, fits: textsThen(2) }],
  [Frontend.Execute, { min: 9, max: TEXT, fits: textsThen(1, 4) }],
  [Frontend.Describe, { min: 6, max: TEXT, fits: named }],
  [Frontend.Close, { min: 6, max: TEXT, fits: named }],
  [Frontend.Sync, empty],
  [Frontend.Flush, empty],
  [Frontend.Terminate, empty],
  [Frontend.CopyDone, empty],
  [Frontend.CopyData, { min: 4, max: ANY }],
  [Frontend.CopyFail, { min: 5, max: TEXT, fits: texts(1) }],
  [Frontend.FunctionCall, { min: 14, max: ANY }],
  [Frontend.Password, { min: 5, max: TEXT }],
]);

export const BACKEND: Shapes = new Map<number, Shape>([
  [Backend.ParseComplete, empty],
  [Backend.BindComplete, empty],
  [Backend.CloseComplete, empty],
  [Backend.NoData, empty],
  [Backend.EmptyQueryResponse, empty],
  [Backend.PortalSuspended, empty],
  [Backend.CopyDone, empty],
  [Backend.ReadyForQuery, { min: 5, max: 5, fits: isStatus }],
  [Backend.CommandComplete, { min: 6, max: 256, fits: texts(1) }],
  [Backend.ErrorResponse, { min: 5, max: TEXT, fits: fields }],
  [Backend.NoticeResponse, { min: 5, max: TEXT, fits: fields }],
  [Backend.ParameterStatus, { min: 6, max: TEXT, fits: texts(2) }],
  [Backend.NotificationResponse, { min: 10, max: TEXT }],
  [Backend.BackendKeyData, { min: 12, max: 264 }],
  [Backend.Authentication, { min: 8, max: TEXT }],
  [Backend.NegotiateProtocolVersion, { min: 12, max: TEXT }],
  [Backend.RowDescription, { min: 6, max: ANY, fits: columns(19) }],
  [Backend.ParameterDescription, { min: 6, max: ANY, fits: columns(4) }],
  [Backend.DataRow, { min: 6, max: ANY, fits: columns(4) }],
  [
    Backend.CopyInResponse,
    { min: 7, max: 65_536 * 2, fits: (data, from, to) => from === to || data[from]! <= 1 },
  ],
  [
    Backend.CopyOutResponse,
    { min: 7, max: 65_536 * 2, fits: (data, from, to) => from === to || data[from]! <= 1 },
  ],
  [
    Backend.CopyBothResponse,
    { min: 7, max: 65_536 * 2, fits: (data, from, to) => from === to || data[from]! <= 1 },
  ],
  [Backend.CopyData, { min: 4, max: ANY }],
  [Backend.FunctionCallResponse, { min: 8, max: ANY }],
]);

/** Whether a header with this type and length can begin a message. */
export function isHeader(shapes: Shapes, type: number, length: number): boolean {
  const shape = shapes.get(type);
  return shape !== undefined && length >= shape.min && length <= shape.max;
}

/**
 * Reads messages from `at` on as far as they go: `exact` where the last ends with `data`, `overrun` where it goes
 * on, `more` where not even one header is there, `no` where something is no message. `last` is the last type.
 */
export function chain(
  shapes: Shapes,
  data: Uint8Array,
  at: number,
): { readonly result: 'exact' | 'overrun' | 'more' | 'no'; readonly last: number } {
  let last = 0;
  for (;;) {
    const left = data.length - at;
    if (left === 0) return { result: last === 0 ? 'more' : 'exact', last };
    const type = data[at]!;
    if (left < HEADER_LENGTH) {
      if (!shapes.has(type) || (left > 1 && data[at + 1]! > 0x3f)) return { result: 'no', last };
      return { result: last === 0 ? 'more' : 'overrun', last };
    }
    const length = int32At(data, at + 1);
    if (!isHeader(shapes, type, length)) return { result: 'no', last };
    const from = at + HEADER_LENGTH;
    const to = Math.min(data.length, at + 1 + length);
    if (shapes.get(type)!.fits?.(data, from, to, length - 4) === false) return { result: 'no', last };
    last = type;
    if (at + 1 + length > data.length) return { result: length <= BELIEVED ? 'overrun' : 'no', last };
    at += 1 + length;
  }
}
