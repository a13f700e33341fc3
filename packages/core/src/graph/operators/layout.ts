import { allTypes, elementTypes } from '../data-types.js';
import { input, type OperatorDeclaration, output, sameAs } from '../declaration.js';
import { describe, describeShape, placeOf, rejectArgument } from '../errors.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import { canBroadcastTo } from '../shape.js';
import { MatmulOperators } from './matmul.js';

const transpose: OperatorDeclaration = {
  name: 'transpose',
  inputs: [input('input', allTypes)],
  outputs: output(sameAs('input')),
  attributes: { permutation: 'naturals' },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    call.perDimension('permutation', shape.length);
    const permutation = call.axes('permutation', shape.length);
    return [{ dataType, shape: permutation.map((axis) => shape[axis]!) }];
  },
};

const reshape: OperatorDeclaration = {
  name: 'reshape',
  inputs: [input('input', allTypes)],
  outputs: output(sameAs('input')),
  attributes: { newShape: 'naturals' },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const newShape = call.naturals('newShape');
    const [before, after] = [shape, newShape].map((extents) => extents.reduce((a, b) => a * b, 1));
    if (before !== after) {
      call.reject(
        `newShape ${describeShape(newShape)} with ${after} elements`,
        `${before} elements, as the input of shape ${describeShape(shape)} has`,
        'Change newShape.',
      );
    }
    return [{ dataType, shape: newShape }];
  },
};

const expand: OperatorDeclaration = {
  name: 'expand',
  inputs: [input('input', elementTypes)],
  outputs: output(sameAs('input')),
  attributes: { newShape: 'naturals' },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const newShape = call.naturals('newShape');
    if (!canBroadcastTo(shape, newShape)) {
      call.reject(
        `newShape ${describeShape(newShape)} for an input of shape ${describeShape(shape)}`,
        'each dimension, aligned at the last, equal to that of the input, which else has to be 1',
        'Change newShape.',
      );
    }
    return [{ dataType, shape: newShape }];
  },
};

const slice: OperatorDeclaration = {
  name: 'slice',
  inputs: [input('input', allTypes)],
  outputs: output(sameAs('input')),
  attributes: { starts: 'naturals', sizes: 'naturals', strides: 'naturals' },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const starts = call.perDimension('starts', shape.length);
    const sizes = call.perDimension('sizes', shape.length);
    const strides = call.perDimension('strides', shape.length);
    shape.forEach((extent, axis) => {
      if (starts[axis]! + sizes[axis]! > extent) {
        call.reject(
          `starts ${starts[axis]} and sizes ${sizes[axis]} along axis ${axis} of extent ${extent}`,
          'a start and a size that add up to no more than the extent',
          'Make the slice shorter or let it start earlier.',
        );
      }
    });
    if (strides.includes(0)) call.reject(`strides ${describe(strides)}`, 'strides of 1 at least', 'Change strides.');
    return [{ dataType, shape: sizes.map((size, axis) => Math.ceil(size / strides[axis]!)) }];
  },
};

const split: OperatorDeclaration = {
  name: 'split',
  inputs: [input('input', allTypes)],
  outputs: { name: 'outputs', dataTypes: sameAs('input') },
  attributes: { axis: 'natural', sizes: 'naturals' },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const axis = call.axis('axis', shape.length);
    const sizes = call.naturals('sizes');
    if (sizes.length === 0 || sizes.reduce((a, b) => a + b, 0) !== shape[axis]) {
      call.reject(
        `splits ${describe(sizes)}`,
        `sizes that add up to ${shape[axis]}, the extent of axis ${axis}`,
        'Change splits.',
      );
    }
    return sizes.map((size) => ({ dataType, shape: shape.map((extent, at) => (at === axis ? size : extent)) }));
  },
};

const reverse: OperatorDeclaration = {
  name: 'reverse',
  inputs: [input('input', elementTypes)],
  outputs: output(sameAs('input')),
  attributes: { axes: 'naturals' },
  infer: (call) => {
    const operand = call.input('input');
    call.axes('axes', operand.shape.length);
    return [operand];
  },
};

/** The axis is checked later: of one that does not exist there are no parts. */
function equalParts(label: string | undefined, parts: number, extent: number | undefined): number[] {
  if (extent === undefined) return [];
  if (!Number.isSafeInteger(parts) || parts < 1 || extent % parts !== 0 || parts > Math.max(extent, 1)) {
    rejectArgument(
      placeOf('split', label),
      `${describe(parts)} parts of an axis of extent ${extent}`,
      'a number of parts that divides the extent',
      'Give the sizes of the parts as a list.',
    );
  }
  return new Array<number>(parts).fill(extent / parts);
}

export const layoutOperators = [transpose, reshape, expand, slice, split, reverse] as const;

export interface MLTransposeOptions extends MLOperatorOptions {
  /** Dimension i of the result is dimension `permutation[i]` of the input. Default: all in reverse. */
  readonly permutation?: readonly number[];
}

export interface MLSliceOptions extends MLOperatorOptions {
  /** Take every stride-th element. Default 1. */
  readonly strides?: readonly number[];
}

export interface MLSplitOptions extends MLOperatorOptions {
  /** Default 0. */
  readonly axis?: number;
}

export interface MLReverseOptions extends MLOperatorOptions {
  /** Default all. */
  readonly axes?: readonly number[];
}

/** The same elements in another arrangement; nothing of it costs time as long as strides can express it. */
export abstract class LayoutOperators extends MatmulOperators {
  /** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-transpose */
  transpose(input: MLOperand, options: MLTransposeOptions = {}): MLOperand {
    this.requireOwn('transpose', 'input', input);
    const { permutation = input.shape.map((_, axis) => axis).reverse() } = options;
    return this.operator(transpose, [input], { permutation }, options);
  }

  /** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-reshape-method */
  reshape(input: MLOperand, newShape: readonly number[], options: MLOperatorOptions = {}): MLOperand {
    return this.operator(reshape, [input], { newShape }, options);
  }

  /** Repeats along dimensions of extent 1. @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-expand */
  expand(input: MLOperand, newShape: readonly number[], options: MLOperatorOptions = {}): MLOperand {
    return this.operator(expand, [input], { newShape }, options);
  }

  /** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-slice */
  slice(
    input: MLOperand,
    starts: readonly number[],
    sizes: readonly number[],
    options: MLSliceOptions = {},
  ): MLOperand {
    this.requireOwn('slice', 'input', input);
    const { strides = input.shape.map(() => 1) } = options;
    return this.operator(slice, [input], { starts, sizes, strides }, options);
  }

  /**
   * Into `splits` equal parts, or parts of the sizes that `splits` lists.
   *
   * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-split
   */
  split(input: MLOperand, splits: number | readonly number[], options: MLSplitOptions = {}): MLOperand[] {
    this.requireOwn('split', 'input', input);
    const { axis = 0 } = options;
    const extent = input.shape[axis];
    const sizes = typeof splits === 'number' ? equalParts(options.label, splits, extent) : splits;
    return this.operatorWithResults(split, [input], { axis, sizes }, options);
  }

  /** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-reverse-method */
  reverse(input: MLOperand, options: MLReverseOptions = {}): MLOperand {
    this.requireOwn('reverse', 'input', input);
    const { axes = input.shape.map((_, axis) => axis) } = options;
    return this.operator(reverse, [input], { axes }, options);
  }
}
