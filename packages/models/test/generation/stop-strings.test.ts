import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StopStrings } from '../../src/generation/stop-strings.js';

/** A text of few letters, so that stop strings and their beginnings occur. */
const text = (maxLength: number, minLength = 0) => fc.string({ unit: fc.constantFrom('a', 'b'), minLength, maxLength });

describe('stop strings', () => {
  test('the text ends before the first of them, however it was cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(text(4), { maxLength: 12 }), fc.array(text(4, 1), { maxLength: 3 }), (pieces, strings) => {
        const stops = new StopStrings(strings);
        let given = '';
        let stopped = false;
        for (const piece of pieces) {
          const result = stops.push(piece);
          given += result.text;
          if ((stopped = result.stopped)) break;
        }
        if (!stopped) given += stops.end();
        const whole = pieces.join('');
        const firsts = strings.map((string) => whole.indexOf(string)).filter((at) => at >= 0);
        expect(stopped).toBe(firsts.length > 0);
        if (!stopped) expect(given).toBe(whole);
        else {
          expect(whole.startsWith(given)).toBe(true);
          // The one that is complete first ends the text, at the earliest place where one begins.
          expect(strings.some((string) => whole.slice(given.length).startsWith(string))).toBe(true);
        }
      }),
    );
  });

  test('only what may become one is held back', () => {
    const stops = new StopStrings(['</end>']);
    expect(stops.push('fine </')).toEqual({ text: 'fine ', stopped: false });
    expect(stops.push('b> <')).toEqual({ text: '</b> ', stopped: false });
    expect(stops.push('/end> more')).toEqual({ text: '', stopped: true });
  });
});
