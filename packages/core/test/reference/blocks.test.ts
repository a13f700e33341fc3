import { type BlockType, reference, typeLayouts } from '@halyard/core';
import { describe, expect, it } from 'vitest';

/** Elements of two blocks of {@link blockBytes}, by the `dequantize` of gguf 0.19.0 (PyPI), and the sum of all. */
const expected: Readonly<Record<BlockType, { picked: readonly (readonly number[])[]; sum: number }>> = {
  q4_0: {
    picked: [
      [0, -0.061492919921875],
      [1, 0.012298583984375],
      [15, -0.0491943359375],
      [16, 0.061492919921875],
      [17, -0.061492919921875],
      [31, 0.02459716796875],
      [32, -0.0491943359375],
      [33, -0.19677734375],
      [63, -0.1475830078125],
    ],
    sum: -0.76251220703125,
  },
  q4_1: {
    picked: [
      [0, 0.0],
      [1, 0.12298583984375],
      [15, 0.159881591796875],
      [16, 0.110687255859375],
      [17, -0.012298583984375],
      [31, 0.110687255859375],
      [32, 0.3443603515625],
      [33, 0.0],
      [63, 0.31976318359375],
    ],
    sum: 7.3299560546875,
  },
  q8_0: {
    picked: [
      [0, -0.553436279296875],
      [1, 0.701019287109375],
      [15, -1.1314697265625],
      [16, 0.491943359375],
      [17, -1.00848388671875],
      [31, -0.356658935546875],
      [32, -0.9346923828125],
      [33, -3.050048828125],
      [63, 1.9185791015625],
    ],
    sum: -3.209930419921875,
  },
  q4_k: {
    picked: [
      [0, 1.069976806640625],
      [1, 1.881683349609375],
      [15, 5.128509521484375],
      [16, 0.66412353515625],
      [17, 1.475830078125],
      [31, 2.28753662109375],
      [32, 0.356658935546875],
      [33, 1.438934326171875],
      [63, 1.438934326171875],
      [64, 7.489837646484375],
      [100, 4.243011474609375],
      [127, 6.51824951171875],
      [128, 5.2637939453125],
      [129, 0.725616455078125],
      [160, 1.192962646484375],
      [200, 0.774810791015625],
      [255, 8.756591796875],
      [256, 6.51824951171875],
      [300, 1.45123291015625],
      [511, 0.76251220703125],
    ],
    sum: 2606.082244873047,
  },
  q6_k: {
    picked: [
      [0, -14.229461669921875],
      [1, 1.094573974609375],
      [15, -14.229461669921875],
      [16, -24.12982177734375],
      [17, -5.3621826171875],
      [31, 5.3621826171875],
      [32, -47.2757568359375],
      [33, 4.5750732421875],
      [63, -31.8779296875],
      [64, -18.4970703125],
      [100, -2.472015380859375],
      [127, -13.94659423828125],
      [128, 7.67431640625],
      [129, 8.85498046875],
      [160, -6.825714111328125],
      [200, 6.27227783203125],
      [255, 12.71673583984375],
      [256, 17.218017578125],
      [300, -29.221435546875],
      [511, -3.32061767578125],
    ],
    sum: -414.1548156738281,
  },
};

const scalePlaces: Readonly<Record<BlockType, readonly number[]>> = {
  q4_0: [0],
  q4_1: [0, 2],
  q8_0: [0],
  q4_k: [0, 2],
  q6_k: [208],
};

/** Two blocks of bytes that follow a formula, with scales of ±0.0123 and ±0.0246. */
function blockBytes(type: BlockType): Uint8Array {
  const { bytes } = typeLayouts[type];
  const data = Uint8Array.from({ length: bytes * 2 }, (_, index) => index * 97 + ((index * index) % 251) + 13);
  for (const block of [0, 1]) {
    for (const [position, place] of scalePlaces[type].entries()) {
      const scale = reference.encodeFloat16(0.0123 * (block + 1) * (-1) ** position);
      data[block * bytes + place] = scale & 255;
      data[block * bytes + place + 1] = scale >> 8;
    }
  }
  return data;
}

describe('block formats', () => {
  for (const type of Object.keys(expected) as BlockType[]) {
    const count = typeLayouts[type].elements * 2;
    const data = blockBytes(type);
    const memory = { tensors: [{ type, shape: [count], at: { binding: 0 }, offset: 0 }], bytes: () => data };
    const read = (offset: number, extent: number, stride: number) => {
      const view = { tensor: 0, offset, shape: [extent], strides: [stride] };
      return Array.from(reference.readView(memory, view, 0, extent).column, Number);
    };

    it(`${type} is read as the gguf package reads it`, () => {
      const values = read(0, count, 1);
      for (const [index, value] of expected[type].picked) expect(values[index!]).toBe(value);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(expected[type].sum, 9);
    });

    it(`${type} is read alike from the middle of a block, in steps and in reverse`, () => {
      const values = read(0, count, 1);
      expect(read(7, 40, 1)).toEqual(values.slice(7, 47));
      expect(read(count - 1, count, -1)).toEqual(values.toReversed());
      expect(read(3, 10, 3)).toEqual(Array.from({ length: 10 }, (_, index) => values[3 + 3 * index]));
    });
  }
});
