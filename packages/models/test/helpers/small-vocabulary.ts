/** The printable characters that a byte-level vocabulary writes bytes as. Source: GPT-2, `encoder.py`. */
function byteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(isPrintable ? byte : next++);
  });
}

/** Joins the pair of neighbours that is the most frequent, again and again; of equal ones the first that occurs. */
function learnMerges(words: string[][], count: number): [string, string][] {
  const merges: [string, string][] = [];
  const known = new Set<string>();
  while (merges.length < count) {
    const frequencies = new Map<string, number>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`;
        frequencies.set(pair, (frequencies.get(pair) ?? 0) + 1);
      }
    }
    const fresh = [...frequencies].filter(([pair]) => !known.has(pair.replace(' ', '')));
    const [best] = fresh.reduce((most, one) => (one[1] > most[1] ? one : most));
    const [left, right] = best.split(' ') as [string, string];
    known.add(left + right);
    merges.push([left, right]);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) word.splice(i, 2, left + right);
      }
    }
  }
  return merges;
}

/**
 * `tokenizer.ggml.*` of a byte-level vocabulary that has learned its merges from whole texts, across white space and
 * punctuation: wherever two ways of cutting into words differ, so do the tokens.
 */
export function smallVocabulary(preTokenizer: string, texts: readonly string[]) {
  const characters = byteCharacters();
  const words = texts.map((text) => [...new TextEncoder().encode(text)].map((byte) => characters[byte]!));
  const merges = learnMerges(words, 500);
  const tokens = [...characters, ...merges.map((pair) => pair.join('')), '<|end|>'];
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': preTokenizer,
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((_, id) => (id === tokens.length - 1 ? 3 : 1)),
    'tokenizer.ggml.merges': merges.map((pair) => pair.join(' ')),
    'tokenizer.ggml.bos_token_id': tokens.length - 1,
    'tokenizer.ggml.eos_token_id': tokens.length - 1,
  };
}
