import type { StepKinds } from '../../contract/index.js';
import { requireWholeBlocks } from './blocks.js';
import type { Lowering } from './operator-scope.js';

function gather(form: StepKinds['gather']['attributes']['form']): Lowering {
  return (scope) => {
    const axis = form === 'nd' ? 0 : scope.number('axis');
    requireWholeBlocks(scope, scope.input(0));
    scope.step('gather', [scope.input(0), scope.input(1)], [scope.allocate()], { form, axis });
  };
}

/** A copy of the input, into which the updates are then written. */
function scatter(form: StepKinds['scatter']['attributes']['form']): Lowering {
  return (scope) => {
    const output = scope.allocate();
    const axis = form === 'nd' ? 0 : scope.number('axis');
    scope.copy(scope.input(0), output);
    scope.step('scatter', [scope.input(1), scope.input(2)], [output], {
      form,
      axis,
      combine: 'replace',
      outOfRange: 'clamp',
    });
  };
}

const topK: Lowering = (scope) =>
  scope.step('sort', [scope.input(0)], [scope.allocate(0), scope.allocate(1)], {
    axis: scope.number('axis'),
    descending: scope.flag('largest'),
    count: scope.number('k'),
  });

export const indexingLowerings: Readonly<Record<string, Lowering>> = {
  gather: gather('rows'),
  gatherElements: gather('elements'),
  gatherND: gather('nd'),
  scatterElements: scatter('elements'),
  scatterND: scatter('nd'),
  topK,
};
