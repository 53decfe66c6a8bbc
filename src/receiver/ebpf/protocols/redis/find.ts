const LF = 0x0a;
const CR = 0x0d;
const STAR = 0x2a;
const DOLLAR = 0x24;

/**
 * Reads one line `<type><number>CRLF` at `at`. Returns the number and the index after it; `more` where data ends
 * before.
 */
function header(data: Uint8Array, at: number, type: number): { value: number; to: number } | 'more' | 'no' {
  if (at >= data.length) return 'more';
  if (data[at] !== type) return 'no';
  let value = 0;
  let i = at + 1;
  for (; i < data.length && data[i] !== CR; i++) {
    const digit = data[i]! - 0x30;
    if (digit < 0 || digit > 9 || i - at > 10) return 'no';
    value = value * 10 + digit;
  }
  if (i === at + 1) return i === data.length ? 'more' : 'no';
  if (i + 1 >= data.length) return 'more';
  return data[i + 1] === LF ? { value, to: i + 2 } : 'no';
}

/** Whether a command, an array of bulk strings, begins at `at`; `name` is its first element, where that is there. */
export function commandAt(
  data: Uint8Array,
  at: number,
): { readonly result: 'yes' | 'no' | 'more'; readonly name?: string } {
  const array = header(data, at, STAR);
  if (typeof array === 'string') return { result: array };
  if (array.value === 0) return { result: 'no' };
  const bulk = header(data, array.to, DOLLAR);
  if (typeof bulk === 'string') return { result: bulk };
  const end = bulk.to + bulk.value;
  if (bulk.value === 0 || bulk.value > 64) return { result: 'no' };
  if (end > data.length) return { result: 'more' };
  let next = end + 2;
  for (let n = 1; n < array.value && next < data.length; n++) {
    const argument = header(data, next, DOLLAR);
    if (argument === 'no') return { result: 'no' };
    if (argument === 'more') break;
    next = argument.to + argument.value + 2;
  }
  const name = String.fromCharCode(...data.subarray(bulk.to, end));
  return /^[A-Za-z][A-Za-z0-9._|-]*$/.test(name) ? { result: 'yes', name } : { result: 'no' };
}

/** The index after the commands that begin at `at`, or -1 where they do not lead to the end of `data`. */
function commandsLeadToEnd(data: Uint8Array, at: number): boolean {
  let i = at;
  while (i < data.length) {
    const array = header(data, i, STAR);
    if (typeof array === 'string') return false;
    i = array.to;
    for (let n = 0; n < array.value; n++) {
      const bulk = header(data, i, DOLLAR);
      if (typeof bulk === 'string') return false;
      i = bulk.to + bulk.value + 2;
      if (i > data.length || data[i - 1] !== LF || data[i - 2] !== CR) return false;
    }
  }
  return true;
}

/**
 * Where a command begins in a chunk that may begin in the middle of one: at its start, or after a line end where
 * whole commands lead to the end of the chunk.
 */
export function findCommand(data: Uint8Array): number {
  if (commandAt(data, 0).result === 'yes') return 0;
  for (let at = data.indexOf(STAR, 1); at > 0; at = data.indexOf(STAR, at + 1))
    if (data[at - 1] === LF && commandAt(data, at).result === 'yes' && commandsLeadToEnd(data, at)) return at;
  return -1;
}
