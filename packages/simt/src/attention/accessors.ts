import type { Operand } from '@halyard/core';
import {
  convert,
  elementAt,
  floatLiteral,
  laneValue,
  operandLanes,
  operandValue,
  storeResults,
} from '../expression/index.js';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import type { AttentionProblem } from './problem.js';

/*
 * Bodies of attention kernels call lambdas that know of views, dtypes, prologues, pages and the epilogue.
 */

function lambda(writer: KernelWriter, name: string, parameters: string, inside: () => void, result = 'void'): void {
  writer.line(`const auto ${name} = [&](${parameters}) -> ${result} {`);
  inside();
  writer.line('};');
}

/** `load_query(batch, head, position, i)` */
export function writeQueryLoad(writer: KernelWriter, { query }: AttentionProblem): void {
  lambda(
    writer,
    'load_query',
    'int batch, int head, int position, int i',
    () => returnFloat(writer, query, ['batch', 'head', 'position', 'i']),
    'float',
  );
}

/** `load_key(batch, head, index, i)` and `load_value`, of key heads, whose pages are loaded. */
export function writeKeyLoads(writer: KernelWriter, problem: AttentionProblem): void {
  for (const name of ['key', 'value'] as const) {
    lambda(
      writer,
      `load_${name}`,
      'int batch, int head, int index, int i',
      () => returnFloat(writer, problem[name], loadedCoordinates(problem)),
      'float',
    );
  }
}

/** `load_key_chunk(batch, head, index, i, to)`: neighbours along d, at a multiple of `width`. */
export function writeKeyChunkLoad(writer: KernelWriter, problem: AttentionProblem, width: number): void {
  lambda(writer, 'load_key_chunk', `int batch, int head, int index, int i, float (&to)[${width}]`, () => {
    const coordinates = loadedCoordinates(problem);
    const lanes = operandLanes(writer, problem.key, { coordinates, axis: width === 1 ? -1 : 3, width });
    writer.loop('e', width, () => writer.line(`to[e] = ${convert(writer, laneValue(lanes, 'e'), 'float32').code};`));
  });
}

function returnFloat(writer: KernelWriter, operand: Operand, coordinates: readonly string[]): void {
  writer.line(`return ${convert(writer, operandValue(writer, operand, coordinates), 'float32').code};`);
}

/** With the page from shared memory: see pages.ts. */
const loadedCoordinates = ({ table, blockSize }: AttentionProblem): string[] =>
  table
    ? [`pages[index / ${blockSize} - first_page]`, 'head', `(index % ${blockSize})`, 'i']
    : ['batch', 'head', 'index', 'i'];

function keyCoordinates(writer: KernelWriter, { table, blockSize }: AttentionProblem): string[] {
  if (!table) return ['batch', 'head', 'index', 'i'];
  const page = writer.define('int', 'page', operandValue(writer, table, ['batch', `(index / ${blockSize})`]).code);
  return [page, 'head', `(index % ${blockSize})`, 'i'];
}

/**
 * `score(batch, head, position, index, product)`: the scaled product with the mask added. `first_key(batch)` and
 * `key_count(batch)`: the range of keys that count. `end_for(length, position)`: behind the last that a query sees.
 */
export function writeScores(writer: KernelWriter, problem: AttentionProblem): void {
  const { mask, lengths, starts, capacity, scale, causal, queries } = problem;
  lambda(
    writer,
    'score',
    'int batch, int head, int position, int index, float product',
    () => {
      const scaled = `product * ${floatLiteral(scale)}`;
      if (!mask) writer.line(`return ${scaled};`);
      else {
        const value = operandValue(writer, mask, ['batch', 'head', 'position', 'index']);
        writer.line(`return ${scaled} + ${convert(writer, value, 'float32').code};`);
      }
    },
    'float',
  );
  lambda(
    writer,
    'first_key',
    'int batch',
    () => writer.line(`return ${starts ? `max(${operandValue(writer, starts, ['batch']).code}, 0)` : '0'};`),
    'int',
  );
  lambda(
    writer,
    'key_count',
    'int batch',
    () =>
      writer.line(
        `return ${lengths ? `min(${operandValue(writer, lengths, ['batch']).code}, ${capacity})` : `${capacity}`};`,
      ),
    'int',
  );
  const end = causal ? `min(length, length - ${queries} + position + 1)` : 'length';
  lambda(writer, 'end_for', 'int length, int position', () => writer.line(`return ${end};`), 'int');
}

/** `store(batch, head, position, column, result)` and `store_sum(batch, head, position, sum)`. */
export function writeStores(writer: KernelWriter, { step }: AttentionProblem): void {
  const [output, sums] = step.outputs;
  lambda(writer, 'store', 'int batch, int head, int position, int column, float result', () => {
    const first = { outputs: [output!], ...(step.epilogue && { epilogue: step.epilogue }) };
    storeResults(writer, first, [{ code: 'result', type: 'float32' }], ['batch', 'head', 'position', 'column']);
  });
  lambda(writer, 'store_sum', 'int batch, int head, int position, float sum', () => {
    if (!sums) return;
    storeResults(writer, { outputs: [sums] }, [{ code: 'sum', type: 'float32' }], ['batch', 'head', 'position', '0']);
  });
}

/** `pack_query(batch, head, position, i, words)`: 8 neighbours along d in a 16-bit format, for tensor cores. */
export function writeQueryPack(writer: KernelWriter, { query, size }: AttentionProblem, format: PackedFormat): void {
  const parameters = 'int batch, int head, int position, int i, unsigned int (&words)[4]';
  lambda(writer, 'pack_query', parameters, () =>
    packLanes(writer, query, ['batch', 'head', 'position', 'i'], size, format),
  );
}

/** `pack_key(batch, head, index, i, words)` and `pack_value`. */
export function writeKeyPacks(writer: KernelWriter, problem: AttentionProblem, format: PackedFormat): void {
  for (const name of ['key', 'value'] as const) {
    const extent = name === 'key' ? problem.size : problem.valueSize;
    lambda(writer, `pack_${name}`, 'int batch, int head, int index, int i, unsigned int (&words)[4]', () =>
      packLanes(writer, problem[name], keyCoordinates(writer, problem), extent, format),
    );
  }
}

/** `key_address(batch, head, index, i)` and `value_address`: where an element is in memory. */
export function writeKeyAddresses(writer: KernelWriter, problem: AttentionProblem): void {
  for (const name of ['key', 'value'] as const) {
    const { tensor } = problem[name];
    lambda(
      writer,
      `${name}_address`,
      'int batch, int head, int index, int i',
      () => {
        const coordinates = keyCoordinates(writer, problem);
        writer.line(`return ${writer.pointer(tensor)} + (${elementAt(problem[name], coordinates)});`);
      },
      'const void*',
    );
  }
}

type PackedFormat = 'float16' | 'bfloat16';

function packLanes(
  writer: KernelWriter,
  operand: Operand,
  coordinates: readonly string[],
  extent: number,
  format: PackedFormat,
): void {
  writer.line('float values[8] = {};');
  if (extent % 8 === 0) {
    const lanes = operandLanes(writer, operand, { coordinates, axis: 3, width: 8 });
    writer.loop('e', 8, () => writer.line(`values[e] = ${convert(writer, laneValue(lanes, 'e'), 'float32').code};`));
  } else {
    writer.loop('e', 8, () => {
      writer.block(`if (i + e < ${extent})`, () => {
        const moved = [...coordinates.slice(0, 3), '(i + e)'];
        writer.line(`values[e] = ${convert(writer, operandValue(writer, operand, moved), 'float32').code};`);
      });
    });
  }
  writer.loop('word', 4, () => writer.line(`words[word] = pack_${format}(values[2 * word], values[2 * word + 1]);`));
}
