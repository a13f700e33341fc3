import { writeFile } from 'node:fs/promises';
import { HalyardError } from '@halyard/core';
import { readGguf, Weights } from '@halyard/models';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeGguf, type TensorToWrite, writeGguf } from '../helpers/gguf-writer.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const pairs = { 'general.architecture': 'llama', 'llama.block_count': 2, 'tokenizer.ggml.tokens': ['a', 'b', 'é'] };
const tensors: TensorToWrite[] = [
  { name: 'matrix', type: 'q4_0', shape: [3, 64] },
  { name: 'vector', type: 'float32', shape: [5], data: new Uint8Array(Float32Array.of(1, 2, 3, 4, 5).buffer) },
];

async function failure(work: Promise<unknown>): Promise<HalyardError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HalyardError);
  return error as HalyardError;
}

async function readBytes(bytes: Uint8Array) {
  const path = folder.join('changed.gguf');
  await writeFile(path, bytes);
  return readGguf(path);
}

describe('reading a GGUF', () => {
  test('gives its pairs, and where each tensor lies, outermost dimension first', async () => {
    const path = await writeGguf(folder.join('small.gguf'), pairs, tensors);
    const { metadata, tensors: found } = await readGguf(path);
    expect(metadata).toMatchObject(pairs);
    expect(found.map(({ name, type, shape }) => ({ name, type, shape }))).toEqual([
      { name: 'matrix', type: 'q4_0', shape: [3, 64] },
      { name: 'vector', type: 'float32', shape: [5] },
    ]);
    expect(found.map(({ part }) => part.bytes)).toEqual([3 * 2 * 18, 20]);
    const bytes = encodeGguf(pairs, tensors);
    const { offset } = found[1]!.part;
    expect([...new Float32Array(bytes.slice(offset, offset + 20).buffer)]).toEqual([1, 2, 3, 4, 5]);
  });

  test('says not-found of a path where there is no file', async () => {
    expect((await failure(readGguf(folder.join('nowhere.gguf')))).code).toBe('not-found');
    expect((await failure(readGguf(folder.path))).code).toBe('not-found');
  });

  test('cut off anywhere, it is a bad file', { timeout: 60_000 }, async () => {
    const bytes = encodeGguf(pairs, tensors);
    const end = bytes.length - 12; // the last tensor ends 12 bytes before the padding does
    await fc.assert(
      fc.asyncProperty(fc.nat(end - 1), async (length) => {
        expect((await failure(readBytes(bytes.subarray(0, length)))).code).toBe('bad-file');
      }),
      { numRuns: 120, examples: [[0], [4], [23], [24], [end - 1]] },
    );
  });

  test('with any byte of its header changed, it is a bad file or still whole, and nothing else', async () => {
    const bytes = encodeGguf(pairs, tensors);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 200), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = bytes.slice();
        changed[at]! ^= flip;
        const outcome = await readBytes(changed).catch((error: unknown) => error);
        if (outcome instanceof HalyardError) expect(outcome.code).toBe('bad-file');
        else expect(outcome).toHaveProperty('tensors');
      }),
      { numRuns: 300 },
    );
  });
});

describe('a field of a GGUF that is wrong is named, with what was found and expected', () => {
  const header = { tensorCount: 8, pairCount: 16 };
  const changed = (change: (view: DataView) => void): Uint8Array => {
    const bytes = Uint8Array.from(encodeGguf(pairs, tensors));
    change(new DataView(bytes.buffer));
    return bytes;
  };
  /** Where a field of the first tensor's table entry lies: after its name. */
  const entry = () => Buffer.from(encodeGguf(pairs, tensors)).indexOf('matrix') + 'matrix'.length;
  const cases: [string, string, (view: DataView) => void][] = [
    ['magic', 'magic', (view) => view.setUint8(0, 0x46)],
    ['version', 'version', (view) => view.setUint32(4, 9, true)],
    ['big-endian version', 'version', (view) => view.setUint32(4, 3, false)],
    ['an absurd tensor count', 'tensor_count', (view) => view.setBigUint64(header.tensorCount, 1n << 60n, true)],
    ['an absurd pair count', 'metadata_kv_count', (view) => view.setBigUint64(header.pairCount, 1n << 40n, true)],
    ['a dimension of 0', '"matrix": dimensions', (view) => view.setBigUint64(entry() + 4, 0n, true)],
    ['a dimension within a block', '"matrix": innermost', (view) => view.setBigUint64(entry() + 4, 33n, true)],
    ['type', '"matrix": type', (view) => view.setUint32(entry() + 20, 999, true)],
    ['an offset between alignments', '"matrix": offset', (view) => view.setBigUint64(entry() + 24, 1n, true)],
    ['an offset beyond the file', '"matrix": offset', (view) => view.setBigUint64(entry() + 24, 1n << 40n, true)],
    ['tensors that overlap', 'offset', (view) => view.setBigUint64(entry() + 24, 32n, true)],
  ];
  test.each(cases)('%s', async (_, field, change) => {
    const error = await failure(readBytes(changed(change)));
    expect(error.code).toBe('bad-file');
    expect(error.details.found).toContain(field);
    expect(error.details.expected.length).toBeGreaterThan(field.length);
  });

  test('a rank above 4', async () => {
    const error = await failure(readBytes(encodeGguf({}, [{ name: 'cube', type: 'float32', shape: [1, 1, 1, 1, 1] }])));
    expect(error.details.found).toContain('"cube": n_dimensions is 5');
  });

  test('two tensors of one name', async () => {
    const error = await failure(readBytes(encodeGguf({}, [tensors[1]!, tensors[1]!])));
    expect(error.details.found).toContain('"vector" for the second time');
  });

  test('alignment', async () => {
    const error = await failure(readBytes(encodeGguf({ 'general.alignment': 33 }, tensors)));
    expect(error.details.found).toContain('general.alignment is 33');
  });
});

describe('weights by name', () => {
  test('a type that cannot be computed with is refused by name when it is asked for, not before', async () => {
    const bytes = Uint8Array.from(encodeGguf(pairs, [{ name: 'odd', type: 'float32', shape: [32] }]));
    const at = Buffer.from(bytes).indexOf('odd') + 'odd'.length + 4 + 8;
    new DataView(bytes.buffer).setUint32(at, 10, true); // Q2_K
    const { tensors: found, identity } = await readBytes(bytes);
    const error = await failure((async () => new Weights(found, identity).get('odd', [32]))());
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('odd has the type Q2_K');
  });

  test('a shape other than the hyperparameters say is a bad file', async () => {
    const { tensors: found, identity } = await readBytes(encodeGguf(pairs, tensors));
    const weights = new Weights(found, identity);
    expect(weights.get('matrix', [3, 64]).type).toBe('q4_0');
    expect((await failure((async () => weights.get('matrix', [64, 3]))())).message).toContain('[3, 64]');
    expect((await failure((async () => weights.get('missing', [1]))())).message).toContain('no tensor missing');
  });
});
