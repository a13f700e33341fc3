import type { Operand, Step } from '@halyard/core';
import { at, type Lanes, operandLanes, operandValue, storeLanes, uniform, valueNames } from '../expression/index.js';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { countOf, decompose } from '../space/decompose.js';
import { operandType } from './operand-type.js';
import type { StepKernels, StepScene } from './step-generator.js';

/** Rows and columns of a tile. */
const tile = 32;
/** Rows of a tile that a block does at once. */
const rows = 8;

/** Blocks of a grid along y. */
const greatestGrid = 65535;

/** The axis along which an operand lies in memory, where that is another than the last and both are long. */
function turnedAxis(operand: Operand, shape: readonly number[]): number | undefined {
  const last = shape.length - 1;
  const axis = operand.strides.findIndex((stride, other) => Math.abs(stride) === 1 && operand.shape[other]! > 1);
  if (axis < 0 || axis === last || Math.abs(operand.strides[last]!) <= 1) return undefined;
  return shape[axis]! >= tile / 2 && shape[last]! >= tile / 2 ? axis : undefined;
}

/** The axis that some operands of a map lie along while its results lie along the last; all that are turned agree. */
export function transposedAxis(step: Step<'map'>, shape: readonly number[]): number | undefined {
  const axes = step.inputs.map((operand) => turnedAxis(operand!, shape)).filter((axis) => axis !== undefined);
  const [first] = axes;
  if (first === undefined || axes.some((axis) => axis !== first)) return undefined;
  const outer = countOf(shape) / (shape[first]! * shape.at(-1)!);
  return outer <= greatestGrid ? first : undefined;
}

/**
 * A map whose operands lie across its results: tiles are read along the operands and written along the results, turned
 * in shared memory between, with one column to spare so that no two threads meet in a bank.
 */
export function generateTransposingMap(
  scene: StepScene,
  step: Step<'map'>,
  shape: readonly number[],
  turned: number,
): StepKernels {
  const last = shape.length - 1;
  const writer = new KernelWriter({ ...scene, written: step.outputs.map(({ tensor }) => tensor) });
  const tiles = [Math.ceil(shape[turned]! / tile), Math.ceil(shape[last]! / tile)] as const;
  const others = shape.filter((_, axis) => axis !== turned && axis !== last);
  const outer = decompose(writer, writer.define('int', 'outer', '(int)blockIdx.y'), others);
  const [first, firstLast] = [
    writer.define('int', 'from', `(int)blockIdx.x / ${tiles[1]} * ${tile}`),
    writer.define('int', 'from', `(int)blockIdx.x % ${tiles[1]} * ${tile}`),
  ];
  /** The coordinates of an element of the tile. */
  const coordinates = (alongTurned: string, alongLast: string): string[] => {
    const rest = [...outer];
    return shape.map((_, axis) => (axis === turned ? alongTurned : axis === last ? alongLast : rest.shift()!));
  };
  const eachRow = (inside: (row: string) => void): void =>
    writer.loop('part', tile / rows, () => inside(`(part * ${rows} + (int)threadIdx.y)`));
  const inside = (alongTurned: string, alongLast: string) =>
    `${alongTurned} < ${shape[turned]} && ${alongLast} < ${shape[last]}`;
  const held = step.inputs.map((operand) => {
    if (turnedAxis(operand!, shape) === undefined) return undefined;
    const name = writer.name('tile');
    writer.line(`__shared__ ${valueNames[operandType(scene.tensors, operand!)]} ${name}[${tile}][${tile + 1}];`);
    return name;
  });
  eachRow((row) => {
    const along = writer.define('int', 'c', `${first} + (int)threadIdx.x`);
    const across = writer.define('int', 'c', `${firstLast} + ${row}`);
    writer.block(`if (${inside(along, across)})`, () => {
      for (const [position, operand] of step.inputs.entries()) {
        if (!held[position]) continue;
        writer.line(
          `${held[position]}[${row}][threadIdx.x] = ${operandValue(writer, operand!, coordinates(along, across)).code};`,
        );
      }
    });
  });
  writer.line('__syncthreads();');
  eachRow((row) => {
    const along = writer.define('int', 'c', `${first} + ${row}`);
    const across = writer.define('int', 'c', `${firstLast} + (int)threadIdx.x`);
    writer.block(`if (${inside(along, across)})`, () => {
      const place = at(coordinates(along, across));
      const values = step.inputs.map((operand, position): Lanes => {
        if (!held[position]) return operandLanes(writer, operand!, place);
        const type = operandType(scene.tensors, operand!);
        return uniform({ code: `${held[position]}[threadIdx.x][${row}]`, type });
      });
      storeLanes(writer, step, values, place);
    });
  });
  return {
    launches: [
      {
        kernel: writer.finish('map_transposing', tile * rows),
        grid: [tiles[0] * tiles[1], countOf(others), 1],
        block: [tile, rows, 1],
      },
    ],
    choice: {
      kernel: 'map-transposing',
      configuration: { tile, rows },
      reason: 'operands lie across the results: tiles are turned in shared memory',
    },
  };
}
