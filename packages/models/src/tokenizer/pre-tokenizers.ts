/** How a byte-level vocabulary's text is cut into words before pairs are merged within each. */
export interface PreTokenizer {
  /** Each cuts the pieces that the ones before it left. */
  readonly patterns: readonly string[];
  /** A word that is a token as a whole is taken as it is. */
  readonly ignoreMerges: boolean;
  /** Whether a text begins with the beginning-of-sequence token, unless the file says otherwise. */
  readonly addBeginning: boolean;
}

const contractions = "'s|'t|'re|'ve|'m|'ll|'d";
const anyCaseContractions = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const gpt2 = `${contractions}| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+`;
const words = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';
const rest = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

const plain = (...patterns: string[]): PreTokenizer => ({ patterns, ignoreMerges: false, addBeginning: false });

const qwen2 = plain(`${anyCaseContractions}|${words}|\\p{N}|${rest}`);
const llama3: PreTokenizer = {
  patterns: [`${anyCaseContractions}|${words}|\\p{N}{1,3}|${rest}`],
  ignoreMerges: true,
  addBeginning: true,
};

/**
 * By the name that `tokenizer.ggml.pre` gives.
 *
 * Source: what llama.cpp does under these names (`llama-vocab.cpp`); the patterns are those of the models' own
 * `tokenizer.json`.
 */
export const preTokenizers: Readonly<Record<string, PreTokenizer>> = {
  default: plain('[\\p{P}\\$\\+<=>\\^~\\|]+', gpt2, '\\p{N}+', '[0-9][0-9][0-9]'),
  'gpt-2': plain(gpt2),
  smollm: plain('\\p{N}', gpt2),
  starcoder: plain('\\p{N}', gpt2),
  refact: plain('\\p{N}', gpt2),
  qwen2,
  'deepseek-r1-qwen': qwen2,
  'llama-bpe': llama3,
  'llama-v3': llama3,
  llama3,
};
