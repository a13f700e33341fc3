import fc from 'fast-check';

/** One change of a text. `at` and `other` say where, as parts of the whole. */
export interface Mutation {
  readonly kind: 'byte' | 'cut' | 'repeat' | 'swap' | 'number' | 'word';
  readonly at: number;
  readonly other: number;
}

const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const kind = fc.constantFrom<Mutation['kind'][]>('byte', 'cut', 'repeat', 'swap', 'number', 'word');

export const mutation: fc.Arbitrary<Mutation> = fc.record({ kind, at: part, other: part });

/** Numbers that are too large, negative, cut short, or of another form. */
const numbers = [
  ...['0', '-1', '7', '64', '4096', '2147483647', '4294967296', '9223372036854775807', '99999999999999999999'],
  ...['-9223372036854775808', '0x', '0f7F800000', '0d7FF0000000000000', '1e999', '0b2', '08'],
];

export function mutate(text: string, { kind, at, other }: Mutation): string {
  const lines = text.split('\n');
  const line = Math.floor(at * lines.length);
  const place = Math.floor(at * text.length);
  switch (kind) {
    case 'byte':
      return text.slice(0, place) + String.fromCharCode(Math.floor(other * 128)) + text.slice(place + 1);
    case 'cut':
      return text.slice(0, place) + text.slice(place + 1 + Math.floor(other * 12));
    case 'repeat':
      return lines.flatMap((one, i) => (i === line ? [one, one] : [one])).join('\n');
    case 'swap': {
      const second = Math.floor(other * lines.length);
      return lines.map((_, i) => lines[i === line ? second : i === second ? line : i]).join('\n');
    }
    case 'number':
      return replaceOne(text, /(?<![\w.%$])-?\d\w*/g, at, () => numbers[Math.floor(other * numbers.length)]!);
    case 'word':
      return replaceOne(text, /[%.$]?\w+/g, at, (words) => words[Math.floor(other * words.length)]!);
  }
}

/** Puts something in the place of one of all matches. */
function replaceOne(text: string, pattern: RegExp, at: number, choose: (matches: readonly string[]) => string): string {
  const matches = [...text.matchAll(pattern)];
  const match = matches[Math.floor(at * matches.length)];
  if (!match) return text;
  const chosen = choose(matches.map(([word]) => word));
  return text.slice(0, match.index) + chosen + text.slice(match.index + match[0].length);
}
