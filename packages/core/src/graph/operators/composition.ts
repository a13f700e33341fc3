import { type ElementType, elementTypes } from '../data-types.js';
import { atLeastRank, input, type OperatorDeclaration, output, sameAs } from '../declaration.js';
import { describeShape } from '../errors.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import { castScalar, type MLNumber } from '../scalar.js';
import { LayoutOperators } from './layout.js';

const concat: OperatorDeclaration = {
  name: 'concat',
  inputs: [{ ...input('inputs', elementTypes, atLeastRank(1)), variadic: true }],
  outputs: output(sameAs('inputs')),
  attributes: { axis: 'natural' },
  infer: (call) => {
    const operands = call.operands as readonly MLOperand[];
    const { dataType, shape } = operands[0]!;
    const axis = call.axis('axis', shape.length);
    operands.forEach((operand, position) => {
      const isAlike =
        operand.dataType === dataType &&
        operand.shape.length === shape.length &&
        operand.shape.every((extent, at) => at === axis || extent === shape[at]);
      if (!isAlike) {
        call.reject(
          `inputs[${position}] is ${operand.dataType}${describeShape(operand.shape)}`,
          `${dataType}${describeShape(shape)} as inputs[0], except along axis ${axis}`,
          'Bring the inputs together with cast, reshape or slice.',
        );
      }
    });
    const extent = operands.reduce((sum, operand) => sum + operand.shape[axis]!, 0);
    return [{ dataType, shape: shape.map((other, at) => (at === axis ? extent : other)) }];
  },
};

const pad: OperatorDeclaration = {
  name: 'pad',
  inputs: [input('input', elementTypes)],
  outputs: output(sameAs('input')),
  attributes: {
    beginningPadding: 'naturals',
    endingPadding: 'naturals',
    mode: ['constant', 'edge', 'reflection'],
    value: 'scalar',
  },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const before = call.perDimension('beginningPadding', shape.length);
    const after = call.perDimension('endingPadding', shape.length);
    const { mode } = call.attributes;
    shape.forEach((extent, axis) => {
      const most = mode === 'reflection' ? extent - 1 : extent > 0 ? Number.POSITIVE_INFINITY : 0;
      const padding = Math.max(before[axis]!, after[axis]!);
      if (mode !== 'constant' && padding > Math.max(most, 0)) {
        call.reject(
          `padding of ${padding} along axis ${axis} of extent ${extent}`,
          mode === 'reflection' ? 'less padding than the extent' : 'an extent of 1 at least',
          'Pad less, or with mode constant.',
        );
      }
    });
    return [{ dataType, shape: shape.map((extent, axis) => before[axis]! + extent + after[axis]!) }];
  },
};

const tile: OperatorDeclaration = {
  name: 'tile',
  inputs: [input('input', elementTypes)],
  outputs: output(sameAs('input')),
  attributes: { repetitions: 'naturals' },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const repetitions = call.perDimension('repetitions', shape.length);
    return [{ dataType, shape: shape.map((extent, axis) => extent * repetitions[axis]!) }];
  },
};

export const compositionOperators = [concat, pad, tile] as const;

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-pad */
export interface MLPadOptions extends MLOperatorOptions {
  /** `edge` repeats the outermost element, `reflection` mirrors without it. Default constant. */
  readonly mode?: 'constant' | 'edge' | 'reflection';
  /** What is filled in by mode constant. Default 0. */
  readonly value?: MLNumber;
}

/** Larger tensors put together of smaller ones. Any data type. */
export abstract class CompositionOperators extends LayoutOperators {
  /** One after another along an axis. @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-concat */
  concat(inputs: readonly MLOperand[], axis: number, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(concat, inputs, { axis }, options);
  }

  /** With elements added before and after, so many along each dimension. */
  pad(
    input: MLOperand,
    beginningPadding: readonly number[],
    endingPadding: readonly number[],
    options: MLPadOptions = {},
  ): MLOperand {
    this.requireOwn('pad', 'input', input);
    const { mode = 'constant' } = options;
    const value = castScalar('pad', 'value', options.value ?? 0, input.dataType as ElementType);
    return this.operator(pad, [input], { beginningPadding, endingPadding, mode, value }, options);
  }

  /** Repeated so many times along each dimension. @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-tile */
  tile(input: MLOperand, repetitions: readonly number[], options: MLOperatorOptions = {}): MLOperand {
    return this.operator(tile, [input], { repetitions }, options);
  }
}
