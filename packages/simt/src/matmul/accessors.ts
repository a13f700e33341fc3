import type { BlockType, View } from '@halyard/core';
import {
  convert,
  elementAt,
  laneCoordinates,
  laneValue,
  operandLanes,
  operandValue,
  storedNames,
  storeLanes,
  storeResults,
  widen,
} from '../expression/index.js';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import { groupHelper } from './block-quantized.js';
import type { MatmulOperand, MatmulProblem } from './problem.js';
import { quantizedRows } from './quantized-rows.js';

/**
 * The bodies of matmul kernels call functions of their operands' places, so that they know nothing of views, dtypes,
 * prologues and epilogues: lambdas at the start of a kernel. `batch` counts over all batch dimensions.
 */
function lambda(writer: KernelWriter, name: string, parameters: string, inside: () => void, result = 'void'): void {
  writer.line(`const auto ${name} = [&](${parameters}) -> ${result} {`);
  inside();
  writer.line('};');
}

/** The index along each batch dimension, of `batch`. */
export function batchCoordinates({ batchShape }: MatmulProblem): string[] {
  let following = 1;
  const coordinates: string[] = [];
  for (let axis = batchShape.length - 1; axis >= 0; axis--) {
    const extent = batchShape[axis]!;
    const quotient = following === 1 ? 'batch' : `(batch / ${following})`;
    coordinates.unshift(extent === 1 ? '0' : axis === 0 ? quotient : `(${quotient} % ${extent})`);
    following *= extent;
  }
  return coordinates;
}

const parametersOf = (role: 'a' | 'b'): string =>
  role === 'a' ? 'int batch, int row, int depth' : 'int batch, int depth, int column';

const coordinatesOf = (problem: MatmulProblem, role: 'a' | 'b'): string[] => [
  ...batchCoordinates(problem),
  ...(role === 'a' ? ['row', 'depth'] : ['depth', 'column']),
];

/** `load_NAME(batch, row, depth)` or `(batch, depth, column)`: an element as the sums' type. */
export function writeLoad(writer: KernelWriter, problem: MatmulProblem, name: string, described: MatmulOperand): void {
  const role = name === 'a' ? 'a' : 'b';
  const { accumulate } = problem.step.attributes;
  const body = () => {
    const value = operandValue(writer, described.operand, coordinatesOf(problem, role));
    writer.line(`return ${widen(writer, value, accumulate).code};`);
  };
  lambda(writer, `load_${name}`, parametersOf(role), body, problem.sumType);
}

/** `load_chunk_NAME(batch, depth, column, to)`: neighbours along `axis`, at a multiple of `width`, as floats. */
export function writeChunkLoad(
  writer: KernelWriter,
  problem: MatmulProblem,
  name: string,
  described: MatmulOperand,
  width: number,
): void {
  const { operand } = described;
  const axis = operand.shape.length - (described.along === 'depth' ? 2 : 1);
  lambda(writer, `load_chunk_${name}`, `${parametersOf('b')}, float (&to)[${width}]`, () => {
    const place = { coordinates: coordinatesOf(problem, 'b'), axis: width === 1 ? -1 : axis, width };
    const lanes = operandLanes(writer, operand, place);
    writer.loop('e', width, () => {
      writer.line(`to[e] = ${convert(writer, laneValue(lanes, 'e'), 'float32').code};`);
    });
  });
}

/** `load_group_NAME(batch, group, column, to)`: 32 quantized elements along k. */
export function writeGroupLoad(
  writer: KernelWriter,
  problem: MatmulProblem,
  name: string,
  described: MatmulOperand,
): void {
  const { operand, type } = described;
  const rows = quantizedRows(problem.tensors, operand)!;
  writer.need(groupHelper(type as BlockType));
  const pointer = writer.pointer(operand.tensor);
  const batches = batchCoordinates(problem).map((coordinate, axis) => `${coordinate} * ${rows.batchStrides[axis]!}ll`);
  lambda(writer, `load_group_${name}`, 'int batch, int group, int column, Group& to', () => {
    const terms = [`${rows.start}`, `column * ${rows.columnStride}ll`, ...batches].join(' + ');
    writer.line(`load_group_${type}(${pointer} + (${terms}), group + ${rows.firstGroup}, to);`);
  });
}

/** `base_NAME(batch)`: where the first element of a batch is. */
export function writeBase(
  writer: KernelWriter,
  problem: MatmulProblem,
  name: string,
  { operand, type }: MatmulOperand,
): void {
  const pointer = writer.pointer(operand.tensor);
  const view: View = { ...operand, shape: operand.shape.slice(0, -2), strides: operand.strides.slice(0, -2) };
  const result = `const ${storedNames[type]}*`;
  lambda(
    writer,
    `base_${name}`,
    'int batch',
    () => writer.line(`return ${pointer} + (${elementAt(view, batchCoordinates(problem))});`),
    result,
  );
}

/**
 * `pack_NAME(batch, outer, depth, to)`: a chunk of 16 bytes in a tensor core's format, along k or along m (or n), with
 * zeros for what lies outside.
 */
export function writePack(
  writer: KernelWriter,
  problem: MatmulProblem,
  name: string,
  described: MatmulOperand,
  chunk: {
    readonly along: 'depth' | 'outer';
    readonly elements: number;
    readonly pack: (values: readonly string[]) => string[];
  },
): void {
  const role = name === 'a' ? 'a' : 'b';
  const { operand } = described;
  const rank = operand.shape.length;
  const outerExtent = role === 'a' ? problem.m : problem.n;
  const { along, elements } = chunk;
  const extent = along === 'depth' ? problem.k : outerExtent;
  const outer = role === 'a' ? 'row' : 'column';
  const axis = (along === 'depth') === (role === 'a') ? rank - 1 : rank - 2;
  const isWhole = extent % elements === 0 && described.along === along;
  const sum = problem.sumType;
  lambda(writer, `pack_${name}`, `int batch, int ${outer}, int depth, unsigned (&to)[4]`, () => {
    writer.line(`${sum} values[${elements}] = {};`);
    const coordinates = coordinatesOf(problem, role);
    const accumulate = sum === 'float' ? 'float32' : 'int32';
    if (isWhole) {
      writer.block(`if (${outer} < ${outerExtent} && depth < ${problem.k})`, () => {
        const lanes = operandLanes(writer, operand, { coordinates, axis, width: elements });
        writer.loop('e', elements, () =>
          writer.line(`values[e] = ${convert(writer, laneValue(lanes, 'e'), accumulate).code};`),
        );
      });
    } else {
      writer.loop('e', elements, () => {
        const moved = laneCoordinates({ coordinates, axis, width: elements }, 'e');
        const [o, d] = role === 'a' ? [moved[rank - 2]!, moved[rank - 1]!] : [moved[rank - 1]!, moved[rank - 2]!];
        writer.block(`if (${o} < ${outerExtent} && ${d} < ${problem.k})`, () => {
          writer.line(`values[e] = ${convert(writer, operandValue(writer, operand, moved), accumulate).code};`);
        });
      });
    }
    const words = chunk.pack(Array.from({ length: elements }, (_, e) => `values[${e}]`));
    words.forEach((word, i) => writer.line(`to[${i}] = ${word};`));
  });
}

/**
 * `store(batch, row, column, result…)`: the epilogue and the targets, at an element or, with results that are arrays, at
 * `width` neighbouring columns, a multiple of which the first one is.
 */
export function writeStore(writer: KernelWriter, problem: MatmulProblem, width = 1): void {
  const { step, sumType, bs } = problem;
  const accumulate = step.attributes.accumulate;
  const results = bs.map((_, i) => `result${i}`);
  const declared = results.map((name) =>
    width === 1 ? `${sumType} ${name}` : `const ${sumType} (&${name})[${width}]`,
  );
  const coordinates = [...batchCoordinates(problem), 'row', 'column'];
  lambda(writer, 'store', ['int batch', 'int row', 'int column', ...declared].join(', '), () => {
    if (width > 1) {
      const lanes = results.map((name) => ({ name, type: accumulate, isUniform: false }));
      storeLanes(writer, step, lanes, { coordinates, axis: coordinates.length - 1, width });
      return;
    }
    const narrow = accumulate === 'int8' ? 'signed char' : accumulate === 'uint8' ? 'unsigned char' : undefined;
    const values = results.map((name) => ({ code: narrow ? `(${narrow})${name}` : name, type: accumulate }));
    storeResults(writer, step, values, coordinates);
  });
}
