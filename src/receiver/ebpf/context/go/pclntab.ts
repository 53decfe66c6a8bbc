/**
 * Go's table of functions, which every Go program carries for its own stack traces, stripped or not
 * (cmd/link/internal/ld/pcln.go writes it, runtime/symtab.go and debug/gosym read it).
 */

/** Reads bytes of the table: fewer at its end. */
export type ReadTable = (offset: number, length: number) => Promise<Buffer>;

export interface GoFunction {
  /** Relative to what `GoFunctions.countsFrom` says. */
  readonly entry: number;
  /** Where the next function begins. */
  readonly end: number;
}

export interface GoFunctions {
  /** Functions are at addresses, or relative to `runtime.text`, the first byte of Go's code. */
  readonly countsFrom: 'zero' | 'text';
  readonly found: ReadonlyMap<string, GoFunction>;
}

/** How a header says its version, where its fields are (words after the first 8 bytes), and how wide positions are. */
interface Layout {
  readonly names: number;
  readonly functions: number;
  /** Bytes of a code position, and of an offset in the list of functions. */
  readonly position: 4 | 8;
}

const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  // Go 1.16
  [0xfffffffa, { names: 2, functions: 6, position: 8 }],
  // Go 1.18
  [0xfffffff0, { names: 3, functions: 7, position: 4 }],
  // Go 1.20
  [0xfffffff1, { names: 3, functions: 7, position: 4 }],
]);

/** Byte of the address of `runtime.text` in a table that says it: of Go 1.18 to 1.25. */
export const TEXT_START_IN_TABLE = 8 + 2 * 8;

const HEADER_BYTES = 8 + 8 * 8;
/** Far more than any program has; a table that says more is none. */
const MAX_FUNCTIONS = 4_000_000;
/** How much is read at once. */
const PIECE = 1 << 20;

/**
 * The functions of these names, as far as the table has them. A name that it has twice, for calls by another convention,
 * counts as missing. Undefined where the table is of another kind: before Go 1.16, 32 bits, or none.
 */
export async function findGoFunctions(
  read: ReadTable,
  names: readonly string[],
): Promise<GoFunctions | undefined> {
  const header = await read(0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || header[4] !== 0 || header[5] !== 0 || header[7] !== 8) return undefined;
  const layout = LAYOUTS.get(header.readUInt32LE(0));
  if (!layout) return undefined;
  const word = (index: number) => Number(header.readBigUInt64LE(8 + 8 * index));
  const count = word(0);
  const namesAt = word(layout.names);
  const functionsAt = word(layout.functions);
  if (count > MAX_FUNCTIONS || !Number.isSafeInteger(namesAt) || !Number.isSafeInteger(functionsAt))
    return undefined;

  const offsets = await findNames(read, namesAt, functionsAt, names);
  const functions = await readFunctions(read, functionsAt, count, layout, offsets);
  return { countsFrom: layout.position === 8 ? 'zero' : 'text', found: functions };
}

/** Where in the table of names, which ends before `end` at the latest, each of these is. */
async function findNames(
  read: ReadTable,
  start: number,
  end: number,
  names: readonly string[],
): Promise<Map<number, string>> {
  const wanted = names.map((name) => ({ name, bytes: Buffer.from(`\0${name}\0`, 'latin1') }));
  const overlap = Math.max(...wanted.map(({ bytes }) => bytes.length));
  const found = new Map<number, string>();
  // The first name has no zero before it; the linker puts the empty name there.
  for (let at = start; at < end && found.size < names.length; at += PIECE) {
    const piece = await read(at, Math.min(PIECE + overlap, end - at));
    for (const { name, bytes } of wanted) {
      const index = piece.indexOf(bytes);
      if (index >= 0) found.set(at + index + 1 - start, name);
    }
    if (piece.length < Math.min(PIECE, end - at)) break;
  }
  return found;
}

/**
 * The list of functions is pairs of code position and place of a record, in the order of both, and one more position:
 * the end. A record begins with the code position again, then comes the place of the name.
 */
async function readFunctions(
  read: ReadTable,
  start: number,
  count: number,
  { position }: Layout,
  offsets: ReadonlyMap<number, string>,
): Promise<Map<string, GoFunction>> {
  const list = await readWhole(read, start, (2 * count + 1) * position);
  const number = (at: number) => (position === 4 ? list.readUInt32LE(at) : Number(list.readBigUInt64LE(at)));
  const whole = list.length === (2 * count + 1) * position ? count : 0;
  const found = new Map<string, GoFunction>();
  const twice = new Set<string>();
  let piece: Buffer = Buffer.alloc(0);
  let pieceAt = 0;
  for (let i = 0; i < whole; i++) {
    const nameAt = start + number((2 * i + 1) * position) + position;
    if (nameAt < pieceAt || nameAt + 4 > pieceAt + piece.length) {
      if (!Number.isSafeInteger(nameAt)) return new Map();
      piece = await read(nameAt, PIECE);
      pieceAt = nameAt;
      if (piece.length < 4) return new Map();
    }
    const name = offsets.get(piece.readUInt32LE(nameAt - pieceAt));
    if (name === undefined) continue;
    if (found.has(name)) twice.add(name);
    found.set(name, { entry: number(2 * i * position), end: number(2 * (i + 1) * position) });
  }
  for (const name of twice) found.delete(name);
  return found;
}

async function readWhole(read: ReadTable, start: number, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = start; at < start + length; at += PIECE)
    pieces.push(await read(at, Math.min(PIECE, start + length - at)));
  return Buffer.concat(pieces);
}
