import { floatTypes } from '../data-types.js';
import {
  anyRank,
  atLeastRank,
  input,
  type OperatorDeclaration,
  optionalInput,
  output,
  sameAs,
} from '../declaration.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import type { OperatorCall } from '../operator-call.js';
import { ReductionOperators } from './reduction.js';

const scaleAndBias = (ranks: readonly [number, number]) => [
  optionalInput('scale', sameAs('input'), ranks),
  optionalInput('bias', sameAs('input'), ranks),
];

const softmax: OperatorDeclaration = {
  name: 'softmax',
  inputs: [input('input', floatTypes, atLeastRank(1))],
  outputs: output(sameAs('input')),
  attributes: { axis: 'natural' },
  infer: (call) => {
    const operand = call.input('input');
    call.axis('axis', operand.shape.length);
    return [operand];
  },
};

const batchNormalization: OperatorDeclaration = {
  name: 'batchNormalization',
  inputs: [
    input('input', floatTypes, atLeastRank(1)),
    input('mean', sameAs('input'), [1, 1]),
    input('variance', sameAs('input'), [1, 1]),
    ...scaleAndBias([1, 1]),
  ],
  outputs: output(sameAs('input')),
  attributes: { axis: 'natural', epsilon: 'number' },
  infer: (call) => {
    const operand = call.input('input');
    const axis = call.axis('axis', operand.shape.length);
    for (const name of ['mean', 'variance', 'scale', 'bias']) {
      call.requireShape(name, [operand.shape[axis]!], `the extent of axis ${axis}`);
    }
    return [operand];
  },
};

const instanceNormalization: OperatorDeclaration = {
  name: 'instanceNormalization',
  inputs: [input('input', floatTypes, [4, 4]), ...scaleAndBias([1, 1])],
  outputs: output(sameAs('input')),
  attributes: { epsilon: 'number', layout: ['nchw', 'nhwc'] },
  infer: (call) => {
    const operand = call.input('input');
    const channels = operand.shape[call.attributes.layout === 'nchw' ? 1 : 3]!;
    for (const name of ['scale', 'bias']) call.requireShape(name, [channels], 'the number of channels');
    return [operand];
  },
};

const layerNormalization = overAxes('layerNormalization');
const rmsNormalization = overAxes('rmsNormalization');

function overAxes(name: string): OperatorDeclaration {
  return {
    name,
    inputs: [input('input', floatTypes), ...scaleAndBias(anyRank)],
    outputs: output(sameAs('input')),
    attributes: { axes: 'naturals', epsilon: 'number' },
    infer: inferOverAxes,
  };
}

function inferOverAxes(call: OperatorCall) {
  const operand = call.input('input');
  const extents = call.axes('axes', operand.shape.length).map((axis) => operand.shape[axis]!);
  for (const name of ['scale', 'bias']) call.requireShape(name, extents, 'the extents of the axes, in their order');
  return [operand];
}

export const normalizationOperators = [
  softmax,
  batchNormalization,
  instanceNormalization,
  layerNormalization,
  rmsNormalization,
] as const;

interface MLScaleBiasOptions extends MLOperatorOptions {
  /** Left out: 1. */
  readonly scale?: MLOperand;
  /** Left out: 0. */
  readonly bias?: MLOperand;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-batchnorm */
export interface MLBatchNormalizationOptions extends MLScaleBiasOptions {
  /** The dimension of the features. Default 1. */
  readonly axis?: number;
}

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-instancenorm */
export interface MLInstanceNormalizationOptions extends MLScaleBiasOptions {
  /** Default nchw. */
  readonly layout?: 'nchw' | 'nhwc';
}

/** Scale and bias have the extents of the axes, in the order in which the axes are given. */
export interface MLLayerNormalizationOptions extends MLScaleBiasOptions {
  /** Default all but the first. */
  readonly axes?: readonly number[];
}

export interface MLRmsNormalizationOptions extends MLScaleBiasOptions {
  /** Default the last. */
  readonly axes?: readonly number[];
}

/** Floats, brought to a common scale. */
export abstract class NormalizationOperators extends ReductionOperators {
  /**
   * exp(x)/Σexp(x) along an axis, safe from overflow.
   *
   * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-softmax-method
   */
  softmax(input: MLOperand, axis: number, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(softmax, [input], { axis }, options);
  }

  /** (x − mean)/√(variance + epsilon)·scale + bias, with one of each for every feature. */
  batchNormalization(
    input: MLOperand,
    mean: MLOperand,
    variance: MLOperand,
    options: MLBatchNormalizationOptions = {},
  ): MLOperand {
    const { scale, bias, axis = 1, epsilon = 1e-5 } = options;
    return this.operator(batchNormalization, [input, mean, variance, scale, bias], { axis, epsilon }, options);
  }

  /** (x − mean)/√(variance + epsilon)·scale + bias, mean and variance over the spatial dimensions of each channel. */
  instanceNormalization(input: MLOperand, options: MLInstanceNormalizationOptions = {}): MLOperand {
    const { scale, bias, epsilon = 1e-5, layout = 'nchw' } = options;
    return this.operator(instanceNormalization, [input, scale, bias], { epsilon, layout }, options);
  }

  /**
   * (x − mean)/√(variance + epsilon)·scale + bias, mean and variance over the axes.
   *
   * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-layernorm
   */
  layerNormalization(input: MLOperand, options: MLLayerNormalizationOptions = {}): MLOperand {
    this.requireOwn('layerNormalization', 'input', input);
    const { scale, bias, axes = input.shape.map((_, axis) => axis).slice(1), epsilon = 1e-5 } = options;
    return this.operator(layerNormalization, [input, scale, bias], { axes, epsilon }, options);
  }

  /** x/√(mean of x² + epsilon)·scale + bias over the axes (Zhang and Sennrich, 2019). Beyond WebNN. */
  rmsNormalization(input: MLOperand, options: MLRmsNormalizationOptions = {}): MLOperand {
    this.requireOwn('rmsNormalization', 'input', input);
    const { scale, bias, axes = input.shape.map((_, axis) => axis).slice(-1), epsilon = 1e-5 } = options;
    return this.operator(rmsNormalization, [input, scale, bias], { axes, epsilon }, options);
  }
}
