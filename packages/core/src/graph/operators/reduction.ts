import { elementTypes, floatTypes, type MLOperandDataType, wideTypes } from '../data-types.js';
import { atLeastRank, input, type OperatorDeclaration, output, sameAs } from '../declaration.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import type { OperatorCall } from '../operator-call.js';
import type { AllowedTypes } from '../operator-signature.js';
import { QuantizationOperators } from './quantization.js';

function reduction(name: string, dataTypes: AllowedTypes): OperatorDeclaration {
  return {
    name,
    inputs: [input('input', dataTypes)],
    outputs: output(sameAs('input')),
    attributes: { axes: 'naturals', keepDimensions: 'boolean' },
    infer: (call) => {
      const { dataType, shape } = call.input('input');
      return [{ dataType, shape: reducedShape(call, shape, call.axes('axes', shape.length)) }];
    },
  };
}

function position(name: string): OperatorDeclaration {
  return {
    name,
    inputs: [input('input', elementTypes, atLeastRank(1))],
    outputs: output(['int32', 'int64']),
    attributes: { axis: 'natural', keepDimensions: 'boolean', outputDataType: ['int32', 'int64'] },
    infer: (call) => {
      const { shape } = call.input('input');
      const axis = call.axis('axis', shape.length);
      if (shape[axis] === 0) {
        call.reject(`axis ${axis} of extent 0`, 'an axis with at least one element', 'Choose another axis.');
      }
      const dataType = call.attributes.outputDataType as MLOperandDataType;
      return [{ dataType, shape: reducedShape(call, shape, [axis]) }];
    },
  };
}

function reducedShape(call: OperatorCall, shape: readonly number[], axes: readonly number[]): number[] {
  return call.attributes.keepDimensions
    ? shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : shape.filter((_, axis) => !axes.includes(axis));
}

const reduceL1 = reduction('reduceL1', wideTypes);
const reduceL2 = reduction('reduceL2', floatTypes);
const reduceLogSum = reduction('reduceLogSum', floatTypes);
const reduceLogSumExp = reduction('reduceLogSumExp', floatTypes);
const reduceMax = reduction('reduceMax', elementTypes);
const reduceMean = reduction('reduceMean', floatTypes);
const reduceMin = reduction('reduceMin', elementTypes);
const reduceProduct = reduction('reduceProduct', wideTypes);
const reduceSum = reduction('reduceSum', wideTypes);
const reduceSumSquare = reduction('reduceSumSquare', wideTypes);
const argMin = position('argMin');
const argMax = position('argMax');

/** Running along an axis rather than ending in one value. */
const cumulativeSum: OperatorDeclaration = {
  name: 'cumulativeSum',
  inputs: [input('input', wideTypes, atLeastRank(1))],
  outputs: output(sameAs('input')),
  attributes: { axis: 'natural', exclusive: 'boolean', reversed: 'boolean' },
  infer: (call) => {
    const operand = call.input('input');
    call.axis('axis', operand.shape.length);
    return [operand];
  },
};

export const reductionOperators = [
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProduct,
  reduceSum,
  reduceSumSquare,
  argMin,
  argMax,
  cumulativeSum,
] as const;

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-reduce */
export interface MLReduceOptions extends MLOperatorOptions {
  /** Default all. With none, each element is reduced by itself. */
  readonly axes?: readonly number[];
  /** Keeps reduced dimensions with extent 1. Default false. */
  readonly keepDimensions?: boolean;
}

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-argminmax */
export interface MLArgMinMaxOptions extends MLOperatorOptions {
  /** Keeps the reduced dimension with extent 1. Default false. */
  readonly keepDimensions?: boolean;
  /** Default int32. */
  readonly outputDataType?: 'int32' | 'int64';
}

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-cumulativesum */
export interface MLCumulativeSumOptions extends MLOperatorOptions {
  /** Leaves out the element itself. Default false. */
  readonly exclusive?: boolean;
  /** From the last element to the first. Default false. */
  readonly reversed?: boolean;
}

/** Many elements to one. */
export abstract class ReductionOperators extends QuantizationOperators {
  /** Σ|x|; floats and integers of 32 bits and more. */
  reduceL1(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceL1, input, options);
  }

  /** √Σx²; floats. */
  reduceL2(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceL2, input, options);
  }

  /** ln Σx; floats. */
  reduceLogSum(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceLogSum, input, options);
  }

  /** ln Σexp(x), safe from overflow; floats. */
  reduceLogSumExp(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceLogSumExp, input, options);
  }

  /** The greatest; NaN if any is. Any data type. */
  reduceMax(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceMax, input, options);
  }

  /** The arithmetic mean; floats. */
  reduceMean(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceMean, input, options);
  }

  /** The least; NaN if any is. Any data type. */
  reduceMin(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceMin, input, options);
  }

  /** Πx; floats and integers of 32 bits and more, which wrap. */
  reduceProduct(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceProduct, input, options);
  }

  /** Σx; floats and integers of 32 bits and more, which wrap. */
  reduceSum(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceSum, input, options);
  }

  /** Σx²; floats and integers of 32 bits and more, which wrap. */
  reduceSumSquare(input: MLOperand, options: MLReduceOptions = {}): MLOperand {
    return this.#reduce(reduceSumSquare, input, options);
  }

  /** The index of the least element along an axis, the first of equals. */
  argMin(input: MLOperand, axis: number, options: MLArgMinMaxOptions = {}): MLOperand {
    const { keepDimensions = false, outputDataType = 'int32' } = options;
    return this.operator(argMin, [input], { axis, keepDimensions, outputDataType }, options);
  }

  /** The index of the greatest element along an axis, the first of equals. */
  argMax(input: MLOperand, axis: number, options: MLArgMinMaxOptions = {}): MLOperand {
    const { keepDimensions = false, outputDataType = 'int32' } = options;
    return this.operator(argMax, [input], { axis, keepDimensions, outputDataType }, options);
  }

  /** The running sum along an axis. */
  cumulativeSum(input: MLOperand, axis: number, options: MLCumulativeSumOptions = {}): MLOperand {
    const { exclusive = false, reversed = false } = options;
    return this.operator(cumulativeSum, [input], { axis, exclusive, reversed }, options);
  }

  #reduce(declaration: OperatorDeclaration, input: MLOperand, options: MLReduceOptions): MLOperand {
    this.requireOwn(declaration.name, 'input', input);
    const { axes = input.shape.map((_, axis) => axis), keepDimensions = false } = options;
    return this.operator(declaration, [input], { axes, keepDimensions }, options);
  }
}
