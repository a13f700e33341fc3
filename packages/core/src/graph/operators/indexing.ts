import { allTypes, elementTypes, indexTypes, isBlockType, type MLOperandDataType } from '../data-types.js';
import { atLeastRank, input, type OperatorDeclaration, output, sameAs } from '../declaration.js';
import { describeShape } from '../errors.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import type { OperatorCall } from '../operator-call.js';
import { CompositionOperators } from './composition.js';

const gather: OperatorDeclaration = {
  name: 'gather',
  inputs: [input('input', allTypes, atLeastRank(1)), input('indices', indexTypes)],
  outputs: output(elementTypes),
  attributes: { axis: 'natural' },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const axis = call.axis('axis', shape.length);
    const indices = call.input('indices').shape;
    requireElements(call, shape[axis]!, indices);
    return [
      {
        dataType: isBlockType(dataType) ? 'float32' : dataType,
        shape: [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)],
      },
    ];
  },
};

const gatherElements: OperatorDeclaration = {
  name: 'gatherElements',
  inputs: [input('input', elementTypes, atLeastRank(1)), input('indices', indexTypes, atLeastRank(1))],
  outputs: output(sameAs('input')),
  attributes: { axis: 'natural' },
  infer: (call) => {
    const { dataType } = call.input('input');
    const indices = requireAlongAxis(call);
    requireElements(call, call.input('input').shape[call.natural('axis')]!, indices);
    return [{ dataType, shape: indices }];
  },
};

const gatherND: OperatorDeclaration = {
  name: 'gatherND',
  inputs: [input('input', elementTypes, atLeastRank(1)), input('indices', indexTypes, atLeastRank(1))],
  outputs: output(sameAs('input')),
  attributes: {},
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const addressed = shape.slice(0, coordinates(call));
    const indices = call.input('indices').shape;
    requireElements(call, Math.min(...addressed), indices.slice(0, -1));
    return [{ dataType, shape: [...indices.slice(0, -1), ...shape.slice(addressed.length)] }];
  },
};

const scatterElements: OperatorDeclaration = {
  name: 'scatterElements',
  inputs: [
    input('input', elementTypes, atLeastRank(1)),
    input('indices', indexTypes, atLeastRank(1)),
    input('updates', sameAs('input'), atLeastRank(1)),
  ],
  outputs: output(sameAs('input')),
  attributes: { axis: 'natural' },
  infer: (call) => {
    const indices = requireAlongAxis(call);
    call.requireShape('updates', indices, 'that of the indices');
    requireElements(call, call.input('input').shape[call.natural('axis')]!, indices);
    return [call.input('input')];
  },
};

const scatterND: OperatorDeclaration = {
  name: 'scatterND',
  inputs: [
    input('input', elementTypes, atLeastRank(1)),
    input('indices', indexTypes, atLeastRank(1)),
    input('updates', sameAs('input')),
  ],
  outputs: output(sameAs('input')),
  attributes: {},
  infer: (call) => {
    const { shape } = call.input('input');
    const addressed = coordinates(call);
    const places = call.input('indices').shape.slice(0, -1);
    call.requireShape('updates', [...places, ...shape.slice(addressed)], 'one slice of the input for each index');
    requireElements(call, Math.min(...shape.slice(0, addressed)), places);
    return [call.input('input')];
  },
};

const topK: OperatorDeclaration = {
  name: 'topK',
  inputs: [input('input', elementTypes, atLeastRank(1))],
  outputs: { name: 'outputs', dataTypes: elementTypes },
  attributes: { k: 'natural', axis: 'natural', largest: 'boolean', outputDataType: ['int32', 'int64'] },
  infer: (call) => {
    const { dataType, shape } = call.input('input');
    const axis = call.axis('axis', shape.length);
    const k = call.natural('k');
    if (k > shape[axis]!) {
      call.reject(`k ${k}`, `no more than ${shape[axis]}, the extent of axis ${axis}`, 'Ask for fewer.');
    }
    const reduced = shape.map((extent, at) => (at === axis ? k : extent));
    return [
      { dataType, shape: reduced },
      { dataType: call.attributes.outputDataType as MLOperandDataType, shape: reduced },
    ];
  },
};

const oneHot: OperatorDeclaration = {
  name: 'oneHot',
  inputs: [input('indices', indexTypes)],
  outputs: output(elementTypes),
  attributes: { depth: 'natural', axis: 'natural', dataType: elementTypes },
  infer: (call) => {
    const { shape } = call.input('indices');
    const axis = call.axis('axis', shape.length + 1);
    const dataType = call.attributes.dataType as MLOperandDataType;
    return [{ dataType, shape: [...shape.slice(0, axis), call.natural('depth'), ...shape.slice(axis)] }];
  },
};

/** The shape of the indices, which has to be that of the input except along the axis. */
function requireAlongAxis(call: OperatorCall): readonly number[] {
  const { shape } = call.input('input');
  const axis = call.axis('axis', shape.length);
  const indices = call.input('indices').shape;
  const expected = shape.map((extent, at) => (at === axis ? (indices[axis] ?? extent) : extent));
  call.requireShape('indices', expected, `that of the input except along axis ${axis}`);
  return indices;
}

/** How many of the first dimensions of the input one index of gatherND or scatterND addresses. */
function coordinates(call: OperatorCall): number {
  const rank = call.input('input').shape.length;
  const count = call.input('indices').shape.at(-1)!;
  if (count < 1 || count > rank) {
    call.reject(
      `indices of shape ${describeShape(call.input('indices').shape)}`,
      `a last dimension from 1 to ${rank}, the rank of the input`,
      'Let the last dimension of the indices hold one coordinate for each dimension that they address.',
    );
  }
  return count;
}

/** Out-of-range indices are clamped, which needs something to clamp to. */
function requireElements(call: OperatorCall, extent: number, places: readonly number[]): void {
  if (extent > 0 || places.includes(0)) return;
  call.reject('indices into a dimension of extent 0', 'something that they can point to', 'Leave the operator out.');
}

export const indexingOperators = [gather, gatherElements, gatherND, scatterElements, scatterND, topK, oneHot] as const;

export interface MLAxisOptions extends MLOperatorOptions {
  /** Default 0. */
  readonly axis?: number;
}

export interface MLTopKOptions extends MLOperatorOptions {
  /** Default the last. */
  readonly axis?: number;
  /** The largest first, else the smallest. Default true. */
  readonly largest?: boolean;
  /** Of the indices. Default int32. */
  readonly outputDataType?: 'int32' | 'int64';
}

export interface MLOneHotOptions extends MLOperatorOptions {
  /** Where the new dimension goes. Default behind the last. */
  readonly axis?: number;
  /** Default float32. */
  readonly dataType?: MLOperandDataType;
}

/**
 * Elements found by indices (int32, uint32 or int64) that are computed. A negative index counts from the end; what is
 * out of range then is clamped.
 */
export abstract class IndexingOperators extends CompositionOperators {
  /** Slices along an axis; the axis is replaced by the dimensions of the indices. Block-quantized rows are dequantized. */
  gather(input: MLOperand, indices: MLOperand, options: MLAxisOptions = {}): MLOperand {
    return this.operator(gather, [input, indices], { axis: options.axis ?? 0 }, options);
  }

  /** One element for each index. @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-gatherelements */
  gatherElements(input: MLOperand, indices: MLOperand, options: MLAxisOptions = {}): MLOperand {
    return this.operator(gatherElements, [input, indices], { axis: options.axis ?? 0 }, options);
  }

  /** Slices addressed by coordinates. @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-gathernd */
  gatherND(input: MLOperand, indices: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(gatherND, [input, indices], {}, options);
  }

  /** The input with single elements replaced. Of updates to one element, any may win. */
  scatterElements(input: MLOperand, indices: MLOperand, updates: MLOperand, options: MLAxisOptions = {}): MLOperand {
    return this.operator(scatterElements, [input, indices, updates], { axis: options.axis ?? 0 }, options);
  }

  /** The input with slices, addressed by coordinates, replaced. Of updates to one slice, any may win. */
  scatterND(input: MLOperand, indices: MLOperand, updates: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(scatterND, [input, indices, updates], {}, options);
  }

  /**
   * The k largest (or smallest) along an axis in order, and their indices; of equals the one with the lower index
   * first, NaN as the largest. Beyond WebNN.
   *
   * @returns values and indices
   */
  topK(input: MLOperand, k: number, options: MLTopKOptions = {}): [values: MLOperand, indices: MLOperand] {
    this.requireOwn('topK', 'input', input);
    const { axis = Math.max(input.shape.length - 1, 0), largest = true, outputDataType = 'int32' } = options;
    const results = this.operatorWithResults(topK, [input], { k, axis, largest, outputDataType }, options);
    return results as [MLOperand, MLOperand];
  }

  /** A new dimension of extent `depth` with a 1 where its index equals the element, else 0. Beyond WebNN. */
  oneHot(indices: MLOperand, depth: number, options: MLOneHotOptions = {}): MLOperand {
    this.requireOwn('oneHot', 'indices', indices);
    const { axis = indices.shape.length, dataType = 'float32' } = options;
    return this.operator(oneHot, [indices], { depth, axis, dataType }, options);
  }
}
