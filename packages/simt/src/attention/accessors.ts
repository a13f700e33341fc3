import type { Operand } from '@halyard/core';
import { convert, floatLiteral, laneValue, operandLanes, operandValue, storeResults } from '../expression/index.js';
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

/** `load_key(batch, head, index, i)` and `load_value`, of key heads. */
export function writeKeyLoads(writer: KernelWriter, problem: AttentionProblem): void {
  for (const name of ['key', 'value'] as const) {
    lambda(
      writer,
      `load_${name}`,
      'int batch, int head, int index, int i',
      () => returnFloat(writer, problem[name], keyCoordinates(writer, problem)),
      'float',
    );
  }
}

/** `load_key_chunk(batch, head, index, i, to)`: neighbours along d, at a multiple of `width`. */
export function writeKeyChunkLoad(writer: KernelWriter, problem: AttentionProblem, width: number): void {
  lambda(writer, 'load_key_chunk', `int batch, int head, int index, int i, float (&to)[${width}]`, () => {
    const coordinates = keyCoordinates(writer, problem);
    const lanes = operandLanes(writer, problem.key, { coordinates, axis: width === 1 ? -1 : 3, width });
    writer.loop('e', width, () => writer.line(`to[e] = ${convert(writer, laneValue(lanes, 'e'), 'float32').code};`));
  });
}

function returnFloat(writer: KernelWriter, operand: Operand, coordinates: readonly string[]): void {
  writer.line(`return ${convert(writer, operandValue(writer, operand, coordinates), 'float32').code};`);
}

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
