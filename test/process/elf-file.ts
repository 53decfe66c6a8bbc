/** Builds ELF files that consist of a header, sections and their names. */
export function elfFile(
  sections: Readonly<Record<string, string | Uint8Array>>,
  { bits = 64, littleEndian = true }: { bits?: 32 | 64; littleEndian?: boolean } = {},
): Buffer {
  const wide = bits === 64;
  const headerSize = wide ? 0x40 : 0x34;
  const entrySize = wide ? 0x40 : 0x28;
  const names = ['', ...Object.keys(sections), '.shstrtab'];
  const nameTable = names.map((name) => `${name}\0`).join('');
  const contents = [
    Buffer.alloc(0),
    ...Object.values(sections).map((content) => Buffer.from(content as string)),
    Buffer.from(nameTable, 'latin1'),
  ];
  const tableAt = headerSize + contents.reduce((sum, content) => sum + content.length, 0);
  const file = Buffer.alloc(tableAt + entrySize * contents.length);
  const half = (value: number, at: number) =>
    littleEndian ? file.writeUInt16LE(value, at) : file.writeUInt16BE(value, at);
  const word = (value: number, at: number) =>
    littleEndian ? file.writeUInt32LE(value, at) : file.writeUInt32BE(value, at);
  const address = (value: number, at: number) => {
    if (!wide) word(value, at);
    else if (littleEndian) file.writeBigUInt64LE(BigInt(value), at);
    else file.writeBigUInt64BE(BigInt(value), at);
  };

  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, littleEndian ? 1 : 2, 1]);
  address(tableAt, wide ? 0x28 : 0x20);
  half(entrySize, wide ? 0x3a : 0x2e);
  half(contents.length, wide ? 0x3c : 0x30);
  half(contents.length - 1, wide ? 0x3e : 0x32);
  let at = headerSize;
  let nameAt = 0;
  contents.forEach((content, i) => {
    content.copy(file, at);
    const entry = tableAt + i * entrySize;
    word(nameAt, entry);
    word(i === 0 ? 0 : 1, entry + 4);
    address(at, entry + (wide ? 0x18 : 0x10));
    address(content.length, entry + (wide ? 0x20 : 0x14));
    at += content.length;
    nameAt += names[i]!.length + 1;
  });
  return file;
}
