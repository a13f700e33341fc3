import { badFile } from '../formats/bad-file.js';
import { endsOfGeneration, type TokenizerDefinition, type TokenText } from './definition.js';
import { byteLevelBytes, literalBytes, sentencePieceBytes, wordPieceBytes } from './token-bytes.js';

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
}

/**
 * Takes a tokenizer from a folder's `tokenizer.json` and `tokenizer_config.json`.
 *
 * @param path of `tokenizer.json`, for messages
 * @throws HalyardError `bad-file`
 */
export function tokenizerFromFolder(
  path: string,
  definition: object,
  config: Record<string, unknown>,
): TokenizerDefinition {
  const { model, added_tokens: addedTokens = [] } = definition as {
    model?: { type?: string; vocab?: Record<string, number>; byte_fallback?: boolean };
    added_tokens?: AddedToken[];
  };
  const vocabulary = model?.vocab;
  if (vocabulary === null || typeof vocabulary !== 'object' || Array.isArray(vocabulary)) {
    const expected = 'is an object of token ids by text (BPE or WordPiece)';
    throw badFile({ path, field: 'model.vocab', found: Array.isArray(vocabulary) ? 'an array' : 'missing', expected });
  }
  const toBytes = bytesOf(model?.type, model?.byte_fallback === true);
  const tokens: TokenText[] = [];
  for (const [text, id] of Object.entries(vocabulary)) tokens[id] = { bytes: toBytes(text), control: false };
  for (const { id, content, special } of addedTokens) {
    tokens[id] = { bytes: literalBytes(content), control: special === true };
  }
  const texts = new Map<string, number>(Object.entries(vocabulary));
  for (const { id, content } of addedTokens) texts.set(content, id);
  const special = (key: string) => {
    const stated = config[key];
    const text = typeof stated === 'string' ? stated : (stated as { content?: string } | undefined)?.content;
    return text === undefined ? undefined : texts.get(text);
  };
  const end = special('eos_token');
  const controls = addedTokens.filter((token) => token.special === true);
  const template = config.chat_template;
  return {
    definition,
    config,
    around: undefined,
    tokens: Array.from(tokens, (token) => token ?? { bytes: new Uint8Array(), control: true }),
    special: {
      beginning: special('bos_token') ?? special('cls_token'),
      end,
      padding: special('pad_token'),
      endsOfGeneration: endsOfGeneration(
        [end],
        controls.map(({ id, content }) => [id, content]),
      ),
    },
    chatTemplate: typeof template === 'string' ? template : undefined,
  };
}

function bytesOf(type: string | undefined, byteFallback: boolean): (text: string) => Uint8Array {
  if (type === 'WordPiece') return wordPieceBytes;
  return byteFallback ? sentencePieceBytes : byteLevelBytes;
}
