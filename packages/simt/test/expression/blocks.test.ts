import { ProgramBuilder, type ProgramCase, Random, wholeView } from '@halyard/conformance';
import { type BlockType, byteLength, type DataType, type Operand, type Type, typeLayouts } from '@halyard/core';
import { describe, it } from 'vitest';
import { targets } from '../support/matrix-targets.js';
import { judge } from '../support/simulate.js';
import { addMap, output } from '../support/steps.js';

const target = targets.sm_80;
const identity = { inputs: [], body: [], results: [0] };

/** Where the float16 scales of each format lie. */
const scales: Readonly<Record<BlockType, readonly number[]>> = {
  q4_0: [0],
  q4_1: [0, 2],
  q8_0: [0],
  q4_k: [0, 2],
  q6_k: [208],
};

/** Random bits, with scales between 1/16 and 1/8. */
function randomBytes(type: Type, shape: readonly number[]): Uint8Array {
  const random = new Random(3);
  const bytes = Uint8Array.from({ length: byteLength(type, shape) }, () => random.integer(0, 255));
  for (let start = 0; start < bytes.length; start += typeLayouts[type].bytes) {
    for (const place of scales[type as BlockType] ?? []) bytes[start + place + 1] = 0x2c;
  }
  return bytes;
}

function weights(builder: ProgramBuilder, type: Type, shape: readonly number[]): Operand {
  return wholeView(builder.bind('constant', type, shape, randomBytes(type, shape)), shape);
}

function copied(type: Type, shape: readonly number[], change: (x: Operand) => Operand = (x) => x): ProgramCase {
  const builder = new ProgramBuilder();
  const x = change(weights(builder, type, shape));
  addMap(builder, [x], output(builder, 'float32', x.shape), identity);
  return builder.finish(`${type} [${shape}]`);
}

describe.each(Object.keys(scales) as BlockType[])('weights of type %s', (type) => {
  it('are read as float32', async () => {
    await judge(copied(type, [6, 512]), target);
  });

  it('are read from slices that begin and end within a block', async () => {
    await judge(
      copied(type, [6, 512], (x) => ({ ...x, offset: 512 + 3, shape: [3, 17], strides: [1024, 1] })),
      target,
    );
  });

  it('are gathered by rows', async () => {
    const builder = new ProgramBuilder();
    const table = weights(builder, type, [6, 256]);
    const rows = new Uint8Array(Int32Array.of(5, 0, -2, 99).buffer);
    const indices = wholeView(builder.bind('input', 'int32', [4], rows), [4]);
    builder.step({
      kind: 'gather',
      inputs: [table, indices],
      outputs: [output(builder, 'float32', [4, 256])],
      attributes: { form: 'rows', axis: 0 },
    });
    await judge(builder.finish(`rows of ${type}`), target);
  });
});

describe('4-bit integers', () => {
  it.each(['int4', 'uint4'] as const)('of type %s are read two a byte, rows padded to whole bytes', async (type) => {
    await judge(copied(type, [3, 9]), target);
    await judge(copied(type, [3, 10]), target);
  });
});

describe('quantized operands', () => {
  it.each(['int8', 'uint4'] as const)(
    'of %s are scaled around their zero points, a block at a time',
    async (stored) => {
      const builder = new ProgramBuilder();
      const x = weights(builder, stored, [8, 64]);
      const perBlock = (type: DataType, bytes: Uint8Array) => ({
        ...wholeView(builder.bind('constant', type, [4, 2], bytes), [4, 2]),
      });
      const steps = Float32Array.from({ length: 8 }, (_, i) => 0.25 + i / 16);
      const scale = perBlock('float32', new Uint8Array(steps.buffer));
      const zeroPoint = perBlock(
        stored === 'int8' ? 'int8' : 'uint8',
        Uint8Array.from({ length: 8 }, (_, i) => i),
      );
      const operand = { ...x, quantization: { scale, zeroPoint, block: [2, 32] } };
      addMap(builder, [operand], output(builder, 'float32', [8, 64]), identity);
      await judge(builder.finish(`quantized ${stored}`), target);
    },
  );
});
