import { floatTypes } from '../data-types.js';
import { input, type OperatorDeclaration, output, sameAs } from '../declaration.js';
import { describeShape } from '../errors.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import type { AllowedTypes } from '../operator-signature.js';
import { canBroadcastBlockwise } from '../shape.js';
import { BinaryOperators } from './binary.js';

const quantizedTypes = ['uint8', 'int8', 'uint32', 'int32'] as const;

const quantizeLinear = quantization('quantizeLinear', floatTypes, sameAs('input'), quantizedTypes, 'zeroPoint');
const dequantizeLinear = quantization('dequantizeLinear', quantizedTypes, floatTypes, sameAs('input'), 'scale');

function quantization(
  name: string,
  inputTypes: AllowedTypes,
  scaleTypes: AllowedTypes,
  zeroPointTypes: AllowedTypes,
  typeOf: 'scale' | 'zeroPoint',
): OperatorDeclaration {
  return {
    name,
    inputs: [input('input', inputTypes), input('scale', scaleTypes), input('zeroPoint', zeroPointTypes)],
    outputs: output(sameAs(typeOf)),
    attributes: {},
    infer: (call) => {
      const { shape } = call.input('input');
      const scale = call.input('scale').shape;
      if (!canBroadcastBlockwise(scale, shape)) {
        call.reject(
          `scale of shape ${describeShape(scale)} for an input of shape ${describeShape(shape)}`,
          'the same rank, each dimension of the input a multiple of that of the scale',
          'Reshape the scale so that it has one element for each block.',
        );
      }
      call.requireShape('zeroPoint', scale, 'that of the scale');
      return [{ dataType: call.input(typeOf).dataType, shape }];
    },
  };
}

export const quantizationOperators = [quantizeLinear, dequantizeLinear] as const;

/** Between floats and integers by scale and zero point, one of each for every block of the input. */
export abstract class QuantizationOperators extends BinaryOperators {
  /**
   * roundEven(input/scale) + zeroPoint, saturated to the data type of the zero point.
   *
   * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-quantizelinear
   */
  quantizeLinear(input: MLOperand, scale: MLOperand, zeroPoint: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(quantizeLinear, [input, scale, zeroPoint], {}, options);
  }

  /**
   * (input − zeroPoint)·scale, in the data type of the scale.
   *
   * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-dequantizelinear
   */
  dequantizeLinear(
    input: MLOperand,
    scale: MLOperand,
    zeroPoint: MLOperand,
    options: MLOperatorOptions = {},
  ): MLOperand {
    return this.operator(dequantizeLinear, [input, scale, zeroPoint], {}, options);
  }
}
