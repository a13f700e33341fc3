import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HalyardError } from '@halyard/core';
import { badFile } from '../formats/bad-file.js';
import { readGguf } from '../formats/gguf.js';
import type { MetadataValue } from '../formats/metadata.js';
import { readSafetensors } from '../formats/safetensors.js';
import type { WeightTensor } from '../formats/weights.js';
import type { TokenizerDefinition } from '../tokenizer/definition.js';
import { tokenizerFromFolder } from '../tokenizer/from-folder.js';
import { tokenizerFromGguf } from '../tokenizer/from-gguf.js';

/** A model as it was found on disk. */
export interface ModelFiles {
  readonly format: 'gguf' | 'safetensors';
  readonly identity: string;
  readonly metadata: Readonly<Record<string, MetadataValue>>;
  readonly tensors: readonly WeightTensor[];
  readonly tokenizer: TokenizerDefinition;
  readonly maximumTokens: number | undefined;
}

/** @throws HalyardError `not-found`, `bad-file`, or `unsupported` */
export async function openModelFiles(path: string): Promise<ModelFiles> {
  const status = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const found = `${path} cannot be opened: ${cause.code ?? cause.message}`;
    const expected = 'a GGUF file, or a folder with safetensors files';
    throw new HalyardError('not-found', { found, expected, remedy: 'Check the path' }, { cause });
  });
  return status.isDirectory() ? openFolder(path) : openGguf(path);
}

async function openGguf(path: string): Promise<ModelFiles> {
  const { identity, metadata, tensors } = await readGguf(path);
  return {
    format: 'gguf',
    identity,
    metadata: withoutArrays(metadata),
    tensors,
    tokenizer: tokenizerFromGguf(path, metadata),
    maximumTokens: undefined,
  };
}

/** The arrays of a vocabulary stay in the worker. */
function withoutArrays(metadata: Readonly<Record<string, MetadataValue>>): Record<string, MetadataValue> {
  const isOther = (key: string, value: MetadataValue) => !Array.isArray(value) || !key.startsWith('tokenizer.');
  return Object.fromEntries(Object.entries(metadata).filter(([key, value]) => isOther(key, value)));
}

async function openFolder(path: string): Promise<ModelFiles> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.safetensors')).sort();
  if (names.length === 0) {
    const found = `${path} holds no .safetensors file`;
    const expected = 'a folder with config.json, tokenizer.json and model.safetensors';
    throw new HalyardError('not-found', { found, expected, remedy: 'Name the folder that holds the model' });
  }
  const files = await Promise.all(names.map((name) => readSafetensors(join(path, name))));
  const tokenizerPath = join(path, 'tokenizer.json');
  const sentence = await readOptionalJson(join(path, 'sentence_bert_config.json'));
  const maximum = sentence?.max_seq_length;
  return {
    format: 'safetensors',
    identity: files.map(({ identity }) => identity).join('+'),
    metadata: (await readJson(join(path, 'config.json'))) as Record<string, MetadataValue>,
    tensors: files.flatMap(({ tensors }) => tensors),
    tokenizer: tokenizerFromFolder(
      tokenizerPath,
      await readJson(tokenizerPath),
      (await readOptionalJson(join(path, 'tokenizer_config.json'))) ?? {},
    ),
    maximumTokens: Number.isSafeInteger(maximum) && (maximum as number) > 0 ? (maximum as number) : undefined,
  };
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  const json = await readOptionalJson(path);
  if (json !== undefined) return json;
  const expected = 'a folder with config.json, tokenizer.json and model.safetensors';
  throw new HalyardError('not-found', { found: `There is no ${path}`, expected, remedy: 'Fetch the whole folder' });
}

async function readOptionalJson(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw badFile({ path, field: 'the file', found: `unreadable: ${cause.message}`, expected: 'is JSON', cause });
  });
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badFile({ path, field: 'the file', found: (cause as Error).message, expected: 'is JSON', cause });
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    throw badFile({ path, field: 'the file', found: 'no object', expected: 'is a JSON object' });
  }
  return json as Record<string, unknown>;
}
