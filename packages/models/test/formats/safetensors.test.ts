import { writeFile } from 'node:fs/promises';
import { HalyardError } from '@halyard/core';
import { readSafetensors } from '@halyard/models';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeSafetensors, joinSafetensors } from '../helpers/safetensors-writer.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const whole = encodeSafetensors([
  { name: 'a', dtype: 'F32', shape: [2, 3], data: new Uint8Array(24) },
  { name: 'b', dtype: 'BF16', shape: [4], data: new Uint8Array(8) },
]);

async function readBytes(bytes: Uint8Array) {
  const path = folder.join('file.safetensors');
  await writeFile(path, bytes);
  return readSafetensors(path);
}

describe('reading a safetensors file', () => {
  test('gives where each tensor lies', async () => {
    const { tensors, path } = await readBytes(whole);
    const start = whole.length - 32;
    expect(tensors).toEqual([
      { name: 'a', type: 'float32', shape: [2, 3], part: { path, offset: start, bytes: 24 } },
      { name: 'b', type: 'bfloat16', shape: [4], part: { path, offset: start + 24, bytes: 8 } },
    ]);
  });

  test('cut off anywhere, it is a bad file', async () => {
    for (let length = 0; length < whole.length; length++) {
      await expect(readBytes(whole.subarray(0, length))).rejects.toMatchObject({ code: 'bad-file' });
    }
  });

  test('with any byte of its header changed, it is a bad file or still whole, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 33), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Uint8Array.from(whole);
        changed[at]! ^= flip;
        const outcome = await readBytes(changed).catch((error: unknown) => error);
        if (outcome instanceof HalyardError) expect(outcome.code).toBe('bad-file');
        else expect(outcome).toHaveProperty('tensors');
      }),
      { numRuns: 500 },
    );
  });

  const tensor = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  test.each([
    ['no JSON', '{"a":', 'the header'],
    ['no object', '[]', 'the header'],
    ['a tensor that is no object', { a: 7 }, '"a": dtype'],
    ['no dtype', { a: { ...tensor, dtype: undefined } }, '"a": dtype'],
    ['a negative dimension', { a: { ...tensor, shape: [-2] } }, '"a": shape'],
    ['an absurd shape', { a: { ...tensor, shape: [2 ** 40, 2 ** 40] } }, '"a": shape'],
    ['offsets in the wrong order', { a: { ...tensor, data_offsets: [8, 0] } }, '"a": data_offsets'],
    ['offsets beyond the file', { a: { ...tensor, data_offsets: [0, 80] } }, '"a": data_offsets'],
    ['fewer bytes than the shape takes', { a: { ...tensor, data_offsets: [0, 4] } }, '"a": data_offsets'],
    ['tensors that overlap', { a: tensor, b: { ...tensor, data_offsets: [4, 12] } }, '"b": offset'],
  ])('%s is named', async (_, header, field) => {
    const error = await readBytes(joinSafetensors(header, new Uint8Array(16))).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HalyardError);
    expect((error as HalyardError).details.found).toContain(field);
  });
});
