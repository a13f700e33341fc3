import { readFile, writeFile } from 'node:fs/promises';
import { HalyardError } from '@halyard/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDecoder } from '../../src/architectures/read-decoder.js';
import { ChatTemplate } from '../../src/tokenizer/chat-template.js';
import { TextTokenizer } from '../../src/tokenizer/text-tokenizer.js';
import { tokenTable } from '../../src/tokenizer/token-table.js';
import { openModelFiles } from '../../src/worker/open-model.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { writeTinyDecoder } from '../helpers/tiny-decoder.js';

const folder = temporaryFolder();

/** Everything that is made of a file before the device is asked. */
async function open(path: string): Promise<void> {
  const files = await openModelFiles(path);
  const { tokenizer } = files;
  if (tokenizer.chatTemplate !== undefined) new ChatTemplate(tokenizer.chatTemplate, {});
  new TextTokenizer(tokenizer).encode('th x', true);
  readDecoder({
    path,
    identity: files.identity,
    format: files.format,
    metadata: files.metadata,
    tensors: files.tensors,
    tokens: tokenTable(tokenizer.tokens),
    special: tokenizer.special,
    hasChatTemplate: tokenizer.chatTemplate !== undefined,
    maximumTokens: files.maximumTokens,
  });
}

test('with any bytes of its header changed, a model is read or refused with a typed error', {
  timeout: 60_000,
}, async () => {
  const chatTemplate = '{% for message in messages %}{{ message.content }}{% endfor %}';
  const { path } = await writeTinyDecoder(folder.join('tiny.gguf'), { architecture: 'llama', chatTemplate });
  const bytes = await readFile(path);
  const header = bytes.indexOf('blk.1.ffn_norm.weight') + 64;
  const changed = folder.join('changed.gguf');
  const change = fc.record({ at: fc.nat(header), value: fc.oneof(fc.constantFrom(0, 1, 127, 255), fc.nat(255)) });
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const copy = Buffer.from(bytes);
      for (const { at, value } of changes) copy[at] = value;
      await writeFile(changed, copy);
      const error = await open(changed).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) return;
      refused++;
      expect(error).toBeInstanceOf(HalyardError);
      expect(['bad-file', 'unsupported']).toContain((error as HalyardError).code);
    }),
    { numRuns: 400 },
  );
  expect(refused).toBeGreaterThan(50);
});
