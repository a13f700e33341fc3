import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openNodeLlama } from '../engine/node-llama-cpp.js';
import { sha256, writeFixture } from './fixtures.js';
import { tokensOf } from './tokens.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Records what node-llama-cpp makes of the small models that tests of `@halyard/models` write. */
export async function recordWrittenModels(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'halyard-record-'));
  try {
    const written = await filesWrittenTo(folder);
    const of = (kind: string) => written.filter((path) => basename(path).startsWith(kind));
    return [await recordLogits(of('decoder-')), await recordVocabularies(of('vocabulary-'))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The tests know how; told of a folder, they write there and compare nothing. */
async function filesWrittenTo(folder: string): Promise<string[]> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'packages/models/test/peers'], {
    cwd: root,
    env: { ...process.env, HALYARD_WRITE_MODELS: folder },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('The small models could not be written; see above.');
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}

/** Any of the first 98: the two behind them are control tokens. */
const tokens = Array.from({ length: 48 }, (_, i) => (i * 37 + 11) % 98);
/** Logits of the last four positions, which have all of the others before them. */
const from = tokens.length - 4;

async function recordLogits(files: readonly string[]): Promise<string> {
  const models = [];
  for (const model of files) {
    const engine = await openNodeLlama({
      model,
      threads: 1,
      contextLength: 64,
      flashAttention: false,
      exactCache: true,
    });
    const rows = await engine.logits(tokens, from);
    await engine.close();
    const logits = rows.map((row) => Array.from(row, (logit) => Number(logit.toPrecision(7))));
    models.push({ file: basename(model), sha256: await sha256(model), logits });
  }
  return writeFixture('logits-small-decoders', {
    recordedBy: 'bench/src/record/written-models.ts',
    engine: 'node-llama-cpp 3.22.1, CPU, keys and values in float32',
    tokens,
    models,
  });
}

async function recordVocabularies(files: readonly string[]): Promise<string> {
  const vocabularies = [];
  for (const model of files) {
    vocabularies.push({ file: basename(model), sha256: await sha256(model), texts: await tokensOf(model) });
  }
  return writeFixture('tokens-small-vocabularies', {
    recordedBy: 'bench/src/record/written-models.ts',
    engine: 'node-llama-cpp 3.22.1, special tokens parsed',
    vocabularies,
  });
}
