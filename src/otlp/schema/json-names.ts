import { MessageType } from './message-type.ts';
// Defines every message, so that the table below is complete.
import './requests.ts';

interface Name {
  readonly bytes: Uint8Array;
  /** Place in `fields` of the message. */
  readonly slot: number;
}

/** By message and length in bytes: the names its fields go by. */
const NAMES: readonly (readonly Name[])[][] = MessageType.all.map(({ fields }) => {
  const byLength: Name[][] = [];
  for (const [slot, { name }] of fields.entries())
    for (const spelling of new Set([name, snakeCase(name)])) {
      byLength[spelling.length] ??= [];
      byLength[spelling.length]!.push({ bytes: Buffer.from(spelling), slot });
    }
  return byLength;
});

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The slot of the field whose name, in lowerCamelCase or snake_case, is these bytes; -1 for no field. */
export function slotOf(type: MessageType, bytes: Uint8Array, start: number, end: number): number {
  const candidates = NAMES[type.index]![end - start];
  if (candidates)
    for (const { bytes: name, slot } of candidates) {
      let i = 0;
      while (i < name.length && name[i] === bytes[start + i]) i++;
      if (i === name.length) return slot;
    }
  return -1;
}
