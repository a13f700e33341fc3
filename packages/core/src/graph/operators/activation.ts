import type { ElementType } from '../data-types.js';
import { elementTypes, floatTypes, signedTypes } from '../data-types.js';
import { input, type OperatorDeclaration, output, sameAs } from '../declaration.js';
import { placeOf } from '../errors.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import type { AllowedTypes, AttributeKind } from '../operator-signature.js';
import { castScalar, type MLNumber } from '../scalar.js';
import { UnaryOperators } from './unary.js';

function activation(
  name: string,
  dataTypes: AllowedTypes = floatTypes,
  attributes: Readonly<Record<string, AttributeKind>> = {},
): OperatorDeclaration {
  return {
    name,
    inputs: [input('input', dataTypes)],
    outputs: output(sameAs('input')),
    attributes,
    infer: (call) => [call.input('input')],
  };
}

const elu = activation('elu', floatTypes, { alpha: 'number' });
const gelu = activation('gelu');
const hardSigmoid = activation('hardSigmoid', floatTypes, { alpha: 'number', beta: 'number' });
const hardSwish = activation('hardSwish');
const leakyRelu = activation('leakyRelu', floatTypes, { alpha: 'number' });
const linear = activation('linear', floatTypes, { alpha: 'number', beta: 'number' });
const relu = activation('relu', signedTypes);
const sigmoid = activation('sigmoid');
const silu = activation('silu');
const softplus = activation('softplus');
const softsign = activation('softsign');
const tanh = activation('tanh');

const clamp: OperatorDeclaration = {
  ...activation('clamp', elementTypes, { minValue: 'optionalScalar', maxValue: 'optionalScalar' }),
  infer: (call) => {
    const { minValue, maxValue } = call.attributes as { minValue?: number | string; maxValue?: number | string };
    if (minValue !== undefined && maxValue !== undefined && isGreater(minValue, maxValue)) {
      call.reject(
        `minValue ${minValue} and maxValue ${maxValue}`,
        'minValue no greater than maxValue',
        'Swap the two bounds.',
      );
    }
    return [call.input('input')];
  },
};

const prelu: OperatorDeclaration = {
  name: 'prelu',
  inputs: [input('input', signedTypes), input('slope', sameAs('input'))],
  outputs: output(sameAs('input')),
  attributes: {},
  infer: (call) => [{ dataType: call.input('input').dataType, shape: call.broadcast('input', 'slope') }],
};

function isGreater(a: number | string, b: number | string): boolean {
  return typeof a === 'string' ? BigInt(a) > BigInt(b) : a > Number(b);
}

export const activationOperators = [
  clamp,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  linear,
  prelu,
  relu,
  sigmoid,
  silu,
  softplus,
  softsign,
  tanh,
] as const;

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-clamp */
export interface MLClampOptions extends MLOperatorOptions {
  /** Left out: no lower bound. */
  readonly minValue?: MLNumber;
  /** Left out: no upper bound. */
  readonly maxValue?: MLNumber;
}

export interface MLAlphaOptions extends MLOperatorOptions {
  readonly alpha?: number;
}

export interface MLAlphaBetaOptions extends MLAlphaOptions {
  readonly beta?: number;
}

/** Activation functions, element by element. Floats except where said. */
export abstract class ActivationOperators extends UnaryOperators {
  /** min(max(x, minValue), maxValue); any data type, the bounds are cast to it. */
  clamp(input: MLOperand, options: MLClampOptions = {}): MLOperand {
    const { label, minValue, maxValue } = options;
    const where = placeOf('clamp', label);
    this.requireOwn(where, 'input', input);
    const bound = (name: string, value: MLNumber | undefined) =>
      value === undefined ? undefined : castScalar(where, name, value, input.dataType as ElementType);
    return this.operator(
      clamp,
      [input],
      { minValue: bound('minValue', minValue), maxValue: bound('maxValue', maxValue) },
      options,
    );
  }

  /** max(0, x) + alpha·(exp(min(0, x)) − 1); alpha is 1 if left out. */
  elu(input: MLOperand, options: MLAlphaOptions = {}): MLOperand {
    return this.operator(elu, [input], { alpha: options.alpha ?? 1 }, options);
  }

  /** x/2·(1 + erf(x/√2)). */
  gelu(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(gelu, [input], {}, options);
  }

  /** max(0, min(1, alpha·x + beta)); alpha is 0.2, beta 0.5 if left out. */
  hardSigmoid(input: MLOperand, options: MLAlphaBetaOptions = {}): MLOperand {
    const { alpha = 0.2, beta = 0.5 } = options;
    return this.operator(hardSigmoid, [input], { alpha, beta }, options);
  }

  /** x·max(0, min(6, x + 3))/6. */
  hardSwish(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(hardSwish, [input], {}, options);
  }

  /** max(0, x) + alpha·min(0, x); alpha is 0.01 if left out. */
  leakyRelu(input: MLOperand, options: MLAlphaOptions = {}): MLOperand {
    return this.operator(leakyRelu, [input], { alpha: options.alpha ?? 0.01 }, options);
  }

  /** alpha·x + beta; alpha is 1, beta 0 if left out. */
  linear(input: MLOperand, options: MLAlphaBetaOptions = {}): MLOperand {
    const { alpha = 1, beta = 0 } = options;
    return this.operator(linear, [input], { alpha, beta }, options);
  }

  /** max(0, x) + slope·min(0, x), both broadcast; floats and signed integers. */
  prelu(input: MLOperand, slope: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(prelu, [input, slope], {}, options);
  }

  /** max(0, x); floats and signed integers. */
  relu(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(relu, [input], {}, options);
  }

  /** 1/(1 + exp(−x)). */
  sigmoid(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(sigmoid, [input], {}, options);
  }

  /** x·sigmoid(x). Beyond WebNN. */
  silu(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(silu, [input], {}, options);
  }

  /** ln(1 + exp(x)). */
  softplus(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(softplus, [input], {}, options);
  }

  /** x/(1 + |x|). */
  softsign(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(softsign, [input], {}, options);
  }

  tanh(input: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(tanh, [input], {}, options);
  }
}
