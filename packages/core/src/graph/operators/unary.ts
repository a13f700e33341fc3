import { allTypes, elementTypes, floatTypes, type MLOperandDataType, signedTypes } from '../data-types.js';
import { atLeastRank, input, type OperatorDeclaration, output, sameAs } from '../declaration.js';
import type { MLOperand } from '../operand.js';
import { type MLOperatorOptions, OperatorBuilder } from '../operator-builder.js';
import type { AllowedTypes } from '../operator-signature.js';

function unary(name: string, dataTypes: AllowedTypes): OperatorDeclaration {
  return {
    name,
    inputs: [input('input', dataTypes)],
    outputs: output(sameAs('input')),
    attributes: {},
    infer: (call) => [call.input('input')],
  };
}

function test(name: string, argument: string, dataTypes: AllowedTypes): OperatorDeclaration {
  return {
    name,
    inputs: [input(argument, dataTypes)],
    outputs: output(['uint8']),
    attributes: {},
    infer: (call) => [{ dataType: 'uint8', shape: call.input(argument).shape }],
  };
}

const abs = unary('abs', signedTypes);
const ceil = unary('ceil', floatTypes);
const cos = unary('cos', floatTypes);
const erf = unary('erf', floatTypes);
const exp = unary('exp', floatTypes);
const floor = unary('floor', floatTypes);
const identity = unary('identity', elementTypes);
const log = unary('log', floatTypes);
const neg = unary('neg', signedTypes);
const reciprocal = unary('reciprocal', floatTypes);
const roundEven = unary('roundEven', floatTypes);
const rsqrt = unary('rsqrt', floatTypes);
const sign = unary('sign', signedTypes);
const sin = unary('sin', floatTypes);
const sqrt = unary('sqrt', floatTypes);
const tan = unary('tan', floatTypes);
const isNaNOperator = test('isNaN', 'a', floatTypes);
const isInfinite = test('isInfinite', 'a', floatTypes);
const logicalNot = test('logicalNot', 'a', ['uint8']);

const cast: OperatorDeclaration = {
  name: 'cast',
  inputs: [input('input', allTypes)],
  outputs: output(elementTypes),
  attributes: { dataType: elementTypes },
  infer: (call) => [{ dataType: call.attributes.dataType as MLOperandDataType, shape: call.input('input').shape }],
};

/** By the row and the column of each matrix in the last two dimensions. */
const triangular: OperatorDeclaration = {
  name: 'triangular',
  inputs: [input('input', elementTypes, atLeastRank(2))],
  outputs: output(sameAs('input')),
  attributes: { upper: 'boolean', diagonal: 'integer' },
  infer: (call) => [call.input('input')],
};

export const unaryOperators = [
  abs,
  ceil,
  cos,
  erf,
  exp,
  floor,
  identity,
  log,
  neg,
  reciprocal,
  roundEven,
  rsqrt,
  sign,
  sin,
  sqrt,
  tan,
  isNaNOperator,
  isInfinite,
  logicalNot,
  cast,
  triangular,
] as const;

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-triangular */
export interface MLTriangularOptions extends MLOperatorOptions {
  /** Keeps what is on the right of the diagonal, else what is on the left. Default true. */
  readonly upper?: boolean;
  /** How far the diagonal that is kept lies to the right of the main one. Default 0. */
  readonly diagonal?: number;
}

/**
 * One operand, element by element. Floats except where said.
 *
 * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-unary
 */
export abstract class UnaryOperators extends OperatorBuilder {
  /** |x|; floats and signed integers. */
  abs(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(abs, [input], {}, options);
  }

  ceil(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(ceil, [input], {}, options);
  }

  cos(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(cos, [input], {}, options);
  }

  /** The Gauss error function. */
  erf(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(erf, [input], {}, options);
  }

  exp(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(exp, [input], {}, options);
  }

  floor(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(floor, [input], {}, options);
  }

  /** The same values, any data type: makes an output of what is an input or a constant. */
  identity(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(identity, [input], {}, options);
  }

  /** The natural logarithm. */
  log(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(log, [input], {}, options);
  }

  /** −x; floats and signed integers. */
  neg(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(neg, [input], {}, options);
  }

  /** 1/x. */
  reciprocal(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(reciprocal, [input], {}, options);
  }

  /** The nearest whole number, ties to even. */
  roundEven(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(roundEven, [input], {}, options);
  }

  /** 1/√x. Beyond WebNN. */
  rsqrt(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(rsqrt, [input], {}, options);
  }

  /** −1, 0 or 1; floats and signed integers. */
  sign(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(sign, [input], {}, options);
  }

  sin(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(sin, [input], {}, options);
  }

  sqrt(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(sqrt, [input], {}, options);
  }

  tan(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(tan, [input], {}, options);
  }

  /** uint8: 1 where the element is NaN. */
  isNaN(a: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(isNaNOperator, [a], {}, options);
  }

  /** uint8: 1 where the element is +∞ or −∞. */
  isInfinite(a: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(isInfinite, [a], {}, options);
  }

  /** uint8 to uint8: 1 where the element is 0. */
  logicalNot(a: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(logicalNot, [a], {}, options);
  }

  /**
   * Each element in another data type: to a float rounded to nearest, from a float to an integer truncated and
   * saturated (NaN gives 0), between integers wrapped. Block-quantized weights are dequantized.
   */
  cast(input: MLOperand, dataType: MLOperandDataType, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(cast, [input], { dataType }, options);
  }

  /** Zeros on one side of a diagonal, in each matrix of the last two dimensions. */
  triangular(input: MLOperand, options: MLTriangularOptions = {}): MLOperand {
    const { upper = true, diagonal = 0 } = options;
    return this.operator(triangular, [input], { upper, diagonal }, options);
  }
}
