import { rm, writeFile } from 'node:fs/promises';
import { HalyardError } from '@halyard/core';
import { describe, expect, test } from 'vitest';
import { ModelWorker } from '../../src/worker/client.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { writeTinyDecoder } from '../helpers/tiny-decoder.js';
import { writeTinyEncoder } from '../helpers/tiny-encoder.js';

const folder = temporaryFolder();

async function opening(path: string): Promise<unknown> {
  const worker = new ModelWorker();
  try {
    return await worker.call('open', path).catch((error: unknown) => error);
  } finally {
    await worker.close();
  }
}

describe("the model's worker", () => {
  test('opens a GGUF file and a folder of safetensors', async () => {
    const { path } = await writeTinyDecoder(folder.join('tiny.gguf'), { architecture: 'llama' });
    expect(await opening(path)).toMatchObject({ format: 'gguf', metadata: { 'general.architecture': 'llama' } });
    const encoder = await writeTinyEncoder(folder.join('encoder'));
    expect(await opening(encoder.path)).toMatchObject({ format: 'safetensors', metadata: { model_type: 'bert' } });
  });

  test('keeps the arrays of a vocabulary to itself', async () => {
    const { path } = await writeTinyDecoder(folder.join('vocabulary.gguf'), { architecture: 'llama' });
    const { metadata } = (await opening(path)) as { metadata: object };
    expect(metadata).toHaveProperty(['tokenizer.ggml.model'], 'gpt2');
    expect(metadata).not.toHaveProperty(['tokenizer.ggml.tokens']);
  });

  test.each<[string, (path: string) => Promise<unknown>, string]>([
    ['that is not there', async () => {}, 'not-found'],
    ['of another format', (path) => writeFile(path, 'Once upon a time there was a file.'), 'bad-file'],
    ['that is empty', (path) => writeFile(path, ''), 'bad-file'],
  ])('gives a typed error for a file %s', async (name, write, code) => {
    const path = folder.join(name.replaceAll(' ', '-'));
    await write(path);
    const error = await opening(path);
    expect(error).toBeInstanceOf(HalyardError);
    expect(error).toMatchObject({ code, details: { found: expect.stringContaining(path) } });
  });

  test.each<[string, string, string, string]>([
    ['without config.json', 'config.json', '', 'not-found'],
    ['with a config.json that is no JSON', 'config.json', '{', 'bad-file'],
    ['with a config.json that is no object', 'config.json', '[]', 'bad-file'],
    ['without a vocabulary', 'tokenizer.json', '{}', 'bad-file'],
  ])('gives a typed error for a folder %s', async (name, file, content, code) => {
    const { path } = await writeTinyEncoder(folder.join(name.replaceAll(/\W/g, '-')));
    await rm(`${path}/${file}`);
    if (content !== '') await writeFile(`${path}/${file}`, content);
    expect(await opening(path)).toMatchObject({ code });
  });

  test('serves several models, and goes on with the others when one is closed', async () => {
    const { path } = await writeTinyDecoder(folder.join('one.gguf'), { architecture: 'llama' });
    const [one, other] = [new ModelWorker(), new ModelWorker()];
    await Promise.all([one.call('open', path), other.call('open', path)]);
    const tokens = await other.call('encode', 'th', false);
    await one.close();
    expect(await other.call('encode', 'th', false)).toEqual(tokens);
    await expect(one.call('encode', 'th', false)).rejects.toMatchObject({ code: 'destroyed' });
    await other.close();
    expect(await opening(path)).toMatchObject({ format: 'gguf' });
  });

  test('that is closed ends what is under way, and what comes later, with a typed error', async () => {
    const { path } = await writeTinyDecoder(folder.join('closed.gguf'), { architecture: 'llama' });
    const worker = new ModelWorker();
    const underWay = worker.call('open', path).catch((error: unknown) => error);
    await worker.close();
    expect(await underWay).toMatchObject({ code: 'destroyed' });
    await expect(worker.call('encode', 'x', true)).rejects.toMatchObject({ code: 'destroyed' });
  });
});
