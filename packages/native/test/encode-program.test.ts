import type { Program } from '@halyard/core';
import { encodeProgram } from '@halyard/native';
import { describe, expect, test } from 'vitest';

/** A program of one step, as often as is asked, with a constant of the given name. */
function programOf(fingerprint: string, offset: number, steps = 1): Program {
  const view = { tensor: 0, offset, shape: [2], strides: [-1] };
  return {
    version: { major: 1, minor: 0 },
    bindings: [{ role: 'constant', fingerprint, bytes: 8 }],
    tensors: [{ type: 'float32', shape: [2], at: { binding: 0 }, offset: 0 }],
    steps: Array.from({ length: steps }, () => ({
      kind: 'map',
      inputs: [view],
      outputs: [view],
      attributes: {},
      epilogue: {
        inputs: [],
        body: [{ op: 'constant', arguments: [], dataType: 'int64', value: '9223372036854775807' }],
        results: [1],
      },
      after: [],
    })),
    workspaceBytes: 0,
  } as unknown as Program;
}

function bytesOf(numbers: bigint): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, numbers, true);
  return [...new Uint8Array(view.buffer)];
}

describe('a program in binary form', () => {
  test.each([
    ['plain letters', 'weights'],
    ['letters beyond ASCII', 'Gewichte für die Größe → 3'],
    ['a surrogate pair at the end', 'scale 📐'],
    ['nothing', ''],
  ])('holds names of %s as UTF-8 behind their length', async (_, name) => {
    const encoded = Buffer.from(await encodeProgram(programOf(name, 0)));
    const text = Buffer.from(name, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    expect(encoded.indexOf(Buffer.concat([length, text, Buffer.from(bytesOf(8n))]))).toBeGreaterThan(0);
  });

  test.each([0, 1, -1, 2 ** 32, -(2 ** 32) - 5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
    'holds %d as a 64-bit integer',
    async (offset) => {
      const encoded = Buffer.from(await encodeProgram(programOf('', offset)));
      // The view's tensor, its offset, its rank, its extent.
      const expected = [0, 0, 0, 0, ...bytesOf(BigInt(offset)), 1, 0, 0, 0, ...bytesOf(2n), ...bytesOf(-1n)];
      expect(encoded.indexOf(Buffer.from(expected))).toBeGreaterThan(0);
      expect(encoded.indexOf(Buffer.from(bytesOf(2n ** 63n - 1n)))).toBeGreaterThan(0);
    },
  );

  test('is made while the event loop turns', async () => {
    const program = programOf('large', 0, 20_000);
    let turns = 0;
    const count = () => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await encodeProgram(program);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(2);
  });

  test('cannot hold an integer that a number does not hold exactly', async () => {
    await expect(encodeProgram(programOf('', 2 ** 53))).rejects.toMatchObject({ code: 'bad-program' });
  });
});
