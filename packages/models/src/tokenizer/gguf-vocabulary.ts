import { badFile } from '../formats/bad-file.js';
import { Metadata, type MetadataValue } from '../formats/metadata.js';

/** What kinds of token a GGUF tells apart. Source: ggml's gguf.md, `tokenizer.ggml.token_type`. */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** `tokenizer.ggml.*` of a GGUF, checked. */
export interface GgufVocabulary {
  readonly path: string;
  readonly metadata: Metadata;
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  /** As long as `tokens`; zeros where the file has none. */
  readonly scores: readonly number[];
  readonly merges: readonly string[];
  /** The id that `tokenizer.ggml.<name>_token_id` states. */
  id(name: string): number | undefined;
}

/** @throws HalyardError `bad-file` with the key that is wrong */
export function readGgufVocabulary(path: string, values: Readonly<Record<string, MetadataValue>>): GgufVocabulary {
  const metadata = new Metadata(path, values);
  const array = (key: string, type: 'string' | 'number', length?: number): readonly unknown[] => {
    const field = `tokenizer.ggml.${key}`;
    const value = Object.hasOwn(values, field) ? values[field] : undefined;
    if (!Array.isArray(value) || value.some((entry) => typeof entry !== type)) {
      const found = value === undefined ? 'missing' : 'of another type';
      throw badFile({ path, field, found, expected: `is an array of type ${type}` });
    }
    if (length !== undefined && value.length !== length) {
      throw badFile({
        path,
        field,
        found: `${value.length} long`,
        expected: `has one entry for each of ${length} tokens`,
      });
    }
    return value;
  };
  const optional = (key: string, type: 'string' | 'number', length?: number) =>
    metadata.has(`tokenizer.ggml.${key}`) ? array(key, type, length) : undefined;
  const tokens = array('tokens', 'string') as readonly string[];
  if (tokens.length === 0) {
    throw badFile({ path, field: 'tokenizer.ggml.tokens', found: 'empty', expected: 'has at least one token' });
  }
  return {
    path,
    metadata,
    tokens,
    types:
      (optional('token_type', 'number', tokens.length) as number[] | undefined) ?? tokens.map(() => tokenTypes.normal),
    scores: (optional('scores', 'number', tokens.length) as number[] | undefined) ?? tokens.map(() => 0),
    merges: (optional('merges', 'string') as string[] | undefined) ?? [],
    id: (name) => {
      const key = `tokenizer.ggml.${name}_token_id`;
      return metadata.has(key) ? metadata.integer(key, 0, tokens.length - 1) : undefined;
    },
  };
}
