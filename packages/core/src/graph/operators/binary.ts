import { elementTypes } from '../data-types.js';
import { input, type OperatorDeclaration, output, sameAs } from '../declaration.js';
import { describeShape } from '../errors.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import type { AllowedTypes } from '../operator-signature.js';
import { broadcastShapes } from '../shape.js';
import { ActivationOperators } from './activation.js';

function arithmetic(name: string): OperatorDeclaration {
  return {
    name,
    inputs: [input('a', elementTypes), input('b', sameAs('a'))],
    outputs: output(sameAs('a')),
    attributes: {},
    infer: (call) => [{ dataType: call.input('a').dataType, shape: call.broadcast('a', 'b') }],
  };
}

function logical(name: string, dataTypes: AllowedTypes): OperatorDeclaration {
  return {
    name,
    inputs: [input('a', dataTypes), input('b', sameAs('a'))],
    outputs: output(['uint8']),
    attributes: {},
    infer: (call) => [{ dataType: 'uint8', shape: call.broadcast('a', 'b') }],
  };
}

const add = arithmetic('add');
const sub = arithmetic('sub');
const mul = arithmetic('mul');
const div = arithmetic('div');
const max = arithmetic('max');
const min = arithmetic('min');
const pow = arithmetic('pow');
const equal = logical('equal', elementTypes);
const notEqual = logical('notEqual', elementTypes);
const greater = logical('greater', elementTypes);
const greaterOrEqual = logical('greaterOrEqual', elementTypes);
const lesser = logical('lesser', elementTypes);
const lesserOrEqual = logical('lesserOrEqual', elementTypes);
const logicalAnd = logical('logicalAnd', ['uint8']);
const logicalOr = logical('logicalOr', ['uint8']);
const logicalXor = logical('logicalXor', ['uint8']);

const where: OperatorDeclaration = {
  name: 'where',
  inputs: [input('condition', ['uint8']), input('trueValue', elementTypes), input('falseValue', sameAs('trueValue'))],
  outputs: output(sameAs('trueValue')),
  attributes: {},
  infer: (call) => {
    const values = call.broadcast('trueValue', 'falseValue');
    const condition = call.input('condition').shape;
    const shape =
      broadcastShapes(condition, values) ??
      call.reject(
        `condition of shape ${describeShape(condition)} and values of shape ${describeShape(values)}`,
        'shapes that broadcast to each other',
        'Bring them together with reshape or expand.',
      );
    return [{ dataType: call.input('trueValue').dataType, shape }];
  },
};

export const binaryOperators = [
  add,
  sub,
  mul,
  div,
  max,
  min,
  pow,
  equal,
  notEqual,
  greater,
  greaterOrEqual,
  lesser,
  lesserOrEqual,
  logicalAnd,
  logicalOr,
  logicalXor,
  where,
] as const;

/**
 * Two or three operands, element by element, broadcast to each other. Any data type, the same for both.
 *
 * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-binary
 */
export abstract class BinaryOperators extends ActivationOperators {
  /** a + b; integers wrap. */
  add(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(add, [a, b], {}, options);
  }

  /** a − b; integers wrap. */
  sub(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(sub, [a, b], {}, options);
  }

  /** a·b; integers wrap. */
  mul(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(mul, [a, b], {}, options);
  }

  /** a/b; of integers truncated, by 0 it is 0. */
  div(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(div, [a, b], {}, options);
  }

  /** The greater; NaN if either is. */
  max(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(max, [a, b], {}, options);
  }

  /** The lesser; NaN if either is. */
  min(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(min, [a, b], {}, options);
  }

  /** a to the power of b. */
  pow(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(pow, [a, b], {}, options);
  }

  /** uint8: 1 where a = b. */
  equal(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(equal, [a, b], {}, options);
  }

  /** uint8: 1 where a ≠ b. */
  notEqual(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(notEqual, [a, b], {}, options);
  }

  /** uint8: 1 where a > b. */
  greater(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(greater, [a, b], {}, options);
  }

  /** uint8: 1 where a ≥ b. */
  greaterOrEqual(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(greaterOrEqual, [a, b], {}, options);
  }

  /** uint8: 1 where a < b. */
  lesser(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(lesser, [a, b], {}, options);
  }

  /** uint8: 1 where a ≤ b. */
  lesserOrEqual(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(lesserOrEqual, [a, b], {}, options);
  }

  /** uint8, anything but 0 counts as true. */
  logicalAnd(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(logicalAnd, [a, b], {}, options);
  }

  /** uint8, anything but 0 counts as true. */
  logicalOr(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(logicalOr, [a, b], {}, options);
  }

  /** uint8, anything but 0 counts as true. */
  logicalXor(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(logicalXor, [a, b], {}, options);
  }

  /** `trueValue` where the condition (uint8) is not 0, else `falseValue`. */
  where(condition: MLOperand, trueValue: MLOperand, falseValue: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(where, [condition, trueValue, falseValue], {}, options);
  }
}
