import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Adapter,
  findEntry,
  HalyardError,
  lookupTuning,
  parseTuningTable,
  problemOf,
  referencePlugin,
  type Step,
  type Tensor,
  type TuningTable,
  tunedTableName,
  tuningTables,
} from '@halyard/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const tensors: Tensor[] = (['float32', 'q4_1'] as const).map((type) => ({
  type,
  shape: [64, 64],
  at: 'workspace',
  offset: 0,
}));

function matmul(rows: number, weights = 0): Step {
  const view = (tensor: number, shape: number[]) => ({ tensor, offset: 0, shape, strides: [shape[1]!, 1] });
  return {
    kind: 'matmul',
    inputs: [view(0, [rows, 64]), view(weights, [64, 32])],
    outputs: [view(0, [rows, 32])],
    attributes: { multiply: 'float32', accumulate: 'float32' },
    after: [],
    origin: [],
  };
}

async function adapterOf(architecture: string, relatives: string[] = []): Promise<Adapter> {
  const { adapters } = await referencePlugin.probe({ timeoutMs: 1000 });
  return { ...adapters[0]!, fingerprint: `test ${architecture}/7`, architecture, relatives };
}

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'halyard-'));
  vi.stubEnv('HALYARD_CACHE', cache);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

describe('the tables of the house', () => {
  test.each(Object.entries(tuningTables))('%s is well formed and gives every figure a source', (name, table) => {
    expect(problemOf(table)).toBeUndefined();
    expect(table.for).toBe(name);
    for (const { source } of table.entries) expect(source).toMatch(/^(measured|derived|as for)/);
  });

  test('are found by architecture, and by the nearest relative where there is none', async () => {
    const own = lookupTuning(await adapterOf('x86-avx2'), matmul(8), tensors);
    expect(own).toEqual(tuningTables['x86-avx2']!.entries[0]!.configuration);
    const related = lookupTuning(await adapterOf('x86-avx10', ['x86-avx512', 'x86-avx2']), matmul(8), tensors);
    const general = tuningTables['x86-avx512']!.entries.find(({ kind, shape }) => kind === 'matmul' && !shape);
    expect(related).toEqual(general!.configuration);
    expect(lookupTuning(await adapterOf('abacus'), matmul(8), tensors)).toEqual({});
  });
});

describe('findEntry', () => {
  const table: TuningTable = {
    version: 1,
    for: 'test',
    description: 'for the test',
    entries: [
      { kind: 'matmul', types: ['*', 'q4_1'], configuration: { kernel: 'quantized' }, source: 'derived' },
      { kind: 'matmul', shape: { rows: { max: 1 } }, configuration: { kernel: 'vector' }, source: 'derived' },
      {
        kind: 'matmul',
        shape: { rows: { min: 2, max: 15 }, depth: { min: 65 } },
        configuration: {},
        source: 'derived',
      },
      { kind: 'matmul', configuration: { kernel: 'tiles' }, source: 'derived' },
    ],
  };
  const kernel = (step: Step) => findEntry([table], step, tensors)?.configuration.kernel;

  test('takes the first entry whose kind, types and shape fit', () => {
    expect(kernel(matmul(1, 1))).toBe('quantized');
    expect(kernel(matmul(1))).toBe('vector');
    expect(kernel(matmul(8))).toBe('tiles');
    expect(kernel({ ...matmul(8), kind: 'map' })).toBeUndefined();
  });
});

describe('what the user tuned', () => {
  const save = (adapter: Adapter, text: string) => {
    mkdirSync(join(cache, 'tuning'), { recursive: true });
    writeFileSync(join(cache, tunedTableName(adapter)), text);
  };

  test('comes before the tables of the house', async () => {
    const adapter = await adapterOf('x86-avx2');
    const entries = [{ kind: 'matmul', configuration: { rows: 99 }, source: 'measured here' }];
    save(adapter, JSON.stringify({ version: 1, for: adapter.fingerprint, description: 'tuned', entries }));
    expect(lookupTuning(adapter, matmul(8), tensors)).toEqual({ rows: 99 });
  });

  test('is refused if it is corrupt', async () => {
    const adapter = await adapterOf('x86-avx2');
    save(adapter, '{"version": 1, "for": "x"');
    expect(() => lookupTuning(adapter, matmul(8), tensors)).toThrow(HalyardError);
  });
});

test.each([
  ['[]', 'no object'],
  ['{"version":2}', 'version 2'],
  ['{"version":1}', 'under "for"'],
  ['{"version":1,"for":"x"}', 'no description'],
  ['{"version":1,"for":"x","description":""}', 'no entries'],
  ['{"version":1,"for":"x","description":"","entries":[{}]}', 'entry 0: no kind'],
  ['{"version":1,"for":"x","description":"","entries":[{"kind":"map"}]}', 'no source'],
  ['{"version":1,"for":"x","description":"","entries":[{"kind":"map","source":"s"}]}', 'no configuration'],
  [
    '{"version":1,"for":"x","description":"","entries":[{"kind":"map","source":"s","configuration":{"a":[]}}]}',
    'neither a number nor a string',
  ],
  [
    '{"version":1,"for":"x","description":"","entries":[{"kind":"map","source":"s","configuration":{},"shape":{"height":{}}}]}',
    'no "height"',
  ],
  [
    '{"version":1,"for":"x","description":"","entries":[{"kind":"map","source":"s","configuration":{},"shape":{"rows":3}}]}',
    'no range',
  ],
])('parseTuningTable refuses %s', (text, message) => {
  expect(() => parseTuningTable(text, 'table.json')).toThrow(message);
});
