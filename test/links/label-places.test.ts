import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLANK_LABEL, labelsIn, requestLabel } from '../../bench/links/label.ts';
import { LabelPlaces } from '../../bench/links/label-places.ts';
import { End } from '../tracker/messages.ts';

/** Moves a text in pieces, cut at these places. */
function pieces(text: string, cuts: readonly number[]) {
  const end = new End(1, true);
  const at = [...new Set([0, ...cuts.map((cut) => cut % text.length), text.length])].sort((a, b) => a - b);
  return at.slice(1).map((to, i) => end.receive(text.slice(at[i], to), i));
}

describe('labels in a recording', () => {
  it('are found and blanked however the bytes were cut into calls', () => {
    const text = `x: ${requestLabel(123456)}, ${requestLabel(7)}${requestLabel(8)} end`;
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        const messages = pieces(text, cuts);
        const places = new LabelPlaces();
        for (const message of messages) places.message(message);
        expect(places.count).toBe(3);
        for (const message of messages) places.blank(message);
        const blanked = messages.map(({ head }) => Buffer.from(head).toString()).join('');
        expect(blanked).toBe(text.replaceAll(/LBL-\d{6}-0/g, BLANK_LABEL));
      }),
    );
  });

  it('are found in the end of a message whose middle was not captured', () => {
    const places = new LabelPlaces();
    const text = `${'-'.repeat(100)}${requestLabel(5)}`;
    const message = new End(1, true).receive(text, 1, { captured: 10, tail: 20 });
    places.message(message);
    places.blank(message);
    expect(labelsIn(Buffer.from(message.tail).toString())).toEqual([BLANK_LABEL]);
  });

  it('are not made of bytes on either side of a gap', () => {
    const places = new LabelPlaces();
    const end = new End(1, true);
    places.message(end.receive('LBL-00', 1));
    end.loseReceived(1);
    places.message(end.receive('0001-0', 2));
    expect(places.count).toBe(0);
  });
});
