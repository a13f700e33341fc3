import { elementTypes, indexTypes } from '../data-types.js';
import { input, type OperatorDeclaration, optionalInput, output, sameAs } from '../declaration.js';
import { describeShape } from '../errors.js';

/** Writes a state, whole or the slices that `rows` names; the result is the state afterwards. */
export const assign: OperatorDeclaration = {
  name: 'assign',
  inputs: [
    input('state', elementTypes),
    input('value', sameAs('state')),
    optionalInput(
      'rows',
      indexTypes.filter((type) => type !== 'uint32'),
      [1, 1],
    ),
  ],
  outputs: output(sameAs('state')),
  attributes: { axis: 'natural' },
  infer: (call) => {
    const state = call.input('state');
    const rows = call.optional('rows');
    if (!rows) {
      call.requireShape('value', state.shape, 'that of the state');
      return [state];
    }
    if (state.shape.length === 0) {
      call.reject('rows of a scalar state', `a state of rank 1 at least, not ${describeShape([])}`, 'Leave rows out.');
    }
    const axis = call.axis('axis', state.shape.length);
    const expected = state.shape.map((extent, at) => (at === axis ? rows.shape[0]! : extent));
    call.requireShape('value', expected, `one slice along axis ${axis} for each of rows`);
    return [state];
  },
};

export const stateOperators = [assign] as const;
