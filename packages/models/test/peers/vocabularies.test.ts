import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tokenizerFromGguf } from '../../src/tokenizer/from-gguf.js';
import { preTokenizers } from '../../src/tokenizer/pre-tokenizers.js';
import { TextTokenizer } from '../../src/tokenizer/text-tokenizer.js';
import { fixture } from '../helpers/fixture.js';
import { writeGguf } from '../helpers/gguf-writer.js';
import { smallVocabulary } from '../helpers/small-vocabulary.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { folderForPeers, sha256 } from '../helpers/written-model.js';

type Texts = readonly { readonly text: string; readonly tokens: readonly number[] }[];

interface Recorded {
  readonly vocabularies: readonly { readonly file: string; readonly sha256: string; readonly texts: Texts }[];
}

const { texts: examples } = await fixture<{ texts: Texts }>('tokens-smollm2');
const names = Object.keys(preTokenizers);
const folder = temporaryFolder();

/** What a vocabulary says, and a file that says it and has nothing else. */
async function write(name: string) {
  const values = smallVocabulary(
    name,
    examples.map(({ text }) => text),
  );
  const path = join(folderForPeers ?? folder.path, `vocabulary-${name}.gguf`);
  await writeGguf(path, { 'general.architecture': 'llama', ...values }, []);
  return { values, path };
}

test.runIf(folderForPeers !== undefined).each(names)('%s is written for llama.cpp', async (name) => {
  await write(name);
});

describe.skipIf(folderForPeers !== undefined)('llama.cpp cuts texts into the same tokens', () => {
  test.each(names)('%s', async (name) => {
    const { values, path } = await write(name);
    const { vocabularies } = await fixture<Recorded>('tokens-small-vocabularies');
    const recorded = vocabularies.find(({ file }) => file === `vocabulary-${name}.gguf`);
    expect(await sha256(path), 'the file that was recorded').toBe(recorded?.sha256);
    const tokenizer = new TextTokenizer(tokenizerFromGguf(path, values));
    const tokens = values['tokenizer.ggml.tokens'];
    const read = (ids: Iterable<number>) => [...ids].map((id) => tokens[id]);
    for (const { text, tokens: expected } of recorded!.texts) {
      expect(read(tokenizer.encode(text, false)), JSON.stringify(text)).toEqual(read(expected));
    }
  });
});
