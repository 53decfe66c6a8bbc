/** Numeric text of a 16-byte address; an IPv4-mapped one is written as IPv4. RFC 5952 for IPv6. */
export function formatAddress(bytes: Uint8Array, at: number): string {
  if (isMapped(bytes, at)) return `${bytes[at + 12]}.${bytes[at + 13]}.${bytes[at + 14]}.${bytes[at + 15]}`;
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push((bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!);
  const zeros = longestZeroRun(groups);
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (zeros.length < 2) return text(0, 8);
  return `${text(0, zeros.start)}::${text(zeros.start + zeros.length, 8)}`;
}

/** Where the name of a Unix connection stands: it is that of the end that was accepted. */
export function unixAddresses(name: Uint8Array, accepted: boolean | undefined) {
  const path = formatUnixName(name);
  return {
    path,
    localAddress: accepted === true ? path : '',
    localPort: 0,
    remoteAddress: accepted === false ? path : '',
    remotePort: 0,
  };
}

/** `sun_path`: a path ends at its first zero byte; the name of an abstract socket begins with one (unix(7)). */
function formatUnixName(name: Uint8Array): string {
  if (name.length === 0) return '';
  if (name[0] === 0) return `@${Buffer.from(name.subarray(1)).toString()}`;
  const end = name.indexOf(0);
  return Buffer.from(end < 0 ? name : name.subarray(0, end)).toString();
}

function isMapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
    start = end;
  }
  return best;
}
