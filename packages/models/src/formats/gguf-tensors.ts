import { byteLength, type Type, typeLayouts } from '@halyard/core';
import { GGMLQuantizationType, type GGUFTensorInfo } from '@huggingface/gguf';
import { badFile, quote } from './bad-file.js';
import { checkDisjoint } from './disjoint.js';
import type { WeightTensor } from './weights.js';

/** What of ggml's tensor types can be computed with. */
const types: ReadonlyMap<number, Type> = new Map<number, Type>([
  [GGMLQuantizationType.F32, 'float32'],
  [GGMLQuantizationType.F16, 'float16'],
  [GGMLQuantizationType.BF16, 'bfloat16'],
  [GGMLQuantizationType.Q8_0, 'q8_0'],
  [GGMLQuantizationType.Q4_0, 'q4_0'],
  [GGMLQuantizationType.Q4_1, 'q4_1'],
  [GGMLQuantizationType.Q4_K, 'q4_k'],
  [GGMLQuantizationType.Q6_K, 'q6_k'],
]);

const greatestRank = 4;

interface TensorTable {
  readonly path: string;
  readonly fileBytes: number;
  /** Where the tensors' data begin. */
  readonly dataOffset: number;
  readonly alignment: number;
  readonly tensors: readonly GGUFTensorInfo[];
}

/**
 * Checks every field of a GGUF's tensor table and turns it into weights.
 *
 * @throws HalyardError `bad-file`
 */
export function checkGgufTensors(table: TensorTable): WeightTensor[] {
  const seen = new Set<string>();
  const weights = table.tensors.map((info) => {
    if (info.name === '' || info.name.length > 256 || seen.has(info.name)) {
      const found = seen.has(info.name) ? `${quote(info.name)} for the second time` : quote(info.name);
      throw badFile({
        path: table.path,
        field: 'a tensor name',
        found,
        expected: 'is unique, 1 to 256 characters long',
      });
    }
    seen.add(info.name);
    return checkTensor(table, info);
  });
  checkDisjoint(table.path, weights);
  return weights;
}

function checkTensor({ path, fileBytes, dataOffset, alignment }: TensorTable, info: GGUFTensorInfo): WeightTensor {
  const name = info.name;
  const field = (part: string) => `${quote(name)}: ${part}`;
  if (info.n_dims < 1 || info.n_dims > greatestRank) {
    const expected = `is from 1 to ${greatestRank}`;
    throw badFile({ path, field: field('n_dimensions'), found: `${info.n_dims}`, expected });
  }
  // GGUF lists the innermost dimension first.
  const shape = info.shape.map(Number).reverse();
  if (shape.some((extent) => extent < 1) || shape.reduce((product, extent) => product * extent, 1) > 2 ** 48) {
    const expected = 'are all above 0 and make no more than 2^48 elements';
    throw badFile({ path, field: field('dimensions'), found: `[${info.shape.join(', ')}]`, expected });
  }
  const code: number = info.dtype;
  const typeName = GGMLQuantizationType[code];
  if (typeName === undefined) {
    throw badFile({ path, field: field('type'), found: `${code}`, expected: 'is a tensor type of ggml' });
  }
  const type = types.get(code);
  const innermost = shape.at(-1)!;
  if (type !== undefined && innermost % typeLayouts[type].elements !== 0) {
    const expected = `is a multiple of ${typeLayouts[type].elements}, the block of ${typeName}`;
    throw badFile({ path, field: field('innermost dimension'), found: `${innermost}`, expected });
  }
  // Of a type that is not known here only the start can be checked.
  const bytes = type === undefined ? 0 : byteLength(type, shape);
  const room = fileBytes - dataOffset;
  if (info.offset % BigInt(alignment) !== 0n || info.offset + BigInt(bytes) > BigInt(Math.max(room, 0))) {
    throw badFile({
      path,
      field: field('offset'),
      found: `${info.offset} for ${bytes} bytes`,
      expected: `is a multiple of ${alignment} and ends within the ${room} bytes of data in the file`,
    });
  }
  const part = { path, offset: dataOffset + Number(info.offset), bytes };
  return { name, type: type ?? { unsupported: typeName }, shape, part };
}
