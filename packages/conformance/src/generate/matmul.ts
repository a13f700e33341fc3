import {
  type BlockType,
  type DataType,
  type Multiply,
  type Operand,
  reference,
  type Step,
  typeLayouts,
} from '@halyard/core';
import { addStep, floatTypes, operandOf } from './step-parts.js';
import { randomBytes } from './values.js';
import { randomShape, viewOf, type Workshop } from './views.js';

const blockTypes: readonly BlockType[] = ['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'];
const extents = [1, 1, 2, 3, 5, 8, 9, 17, 33] as const;

/** A product of floats, of integers, of several b, or with weights in blocks. */
export function generateMatmul(workshop: Workshop): void {
  const { random } = workshop;
  if (random.chance(0.3)) {
    blockedMatmul(workshop);
    return;
  }
  const type = random.chance(0.15) && workshop.types.includes('int8') ? 'int8' : random.pick(floatTypes(workshop));
  const batch = random.chance(0.5) ? [] : randomShape(random, { most: 2, elements: 6 });
  const [m, k, n] = [random.pick(extents), random.chance(0.03) ? 0 : random.pick(extents), random.pick(extents)];
  const count = type !== 'int8' && random.chance(0.15) ? 2 : 1;
  const right = () => operandOf(workshop, type, [...batch, k, n]).operand;
  addProduct(
    workshop,
    [operandOf(workshop, type, [...batch, m, k]).operand, ...Array.from({ length: count }, right)],
    type === 'int8' ? { multiply: 'int8', accumulate: 'int32' } : { multiply: 'float32', accumulate: 'float32' },
    [...batch, m, n],
  );
}

/** Weights [n, k] in blocks along k, read as [k, n], as a GGUF file has them. */
function blockedMatmul(workshop: Workshop): void {
  const { random, builder } = workshop;
  const type = random.pick(blockTypes);
  const k = typeLayouts[type].elements * random.integer(1, type.endsWith('k') ? 2 : 4);
  const [m, n] = [random.pick(extents), random.pick(extents)];
  const count = random.chance(0.2) ? 2 : 1;
  const weights = Array.from({ length: count }, (): Operand => {
    const tensor = builder.bind('constant', type, [n, k], randomBytes(random, type, [n, k], 'plain'));
    return { tensor, offset: 0, shape: [k, n], strides: [1, k] };
  });
  const multiply = random.pick(['float32', 'int8'] as const);
  const a = viewOf(workshop, 'float32', [m, k], 'plain');
  addProduct(workshop, [a, ...weights], { multiply, accumulate: 'float32' }, [m, n]);
}

function addProduct(
  workshop: Workshop,
  inputs: readonly Operand[],
  attributes: { readonly multiply: Multiply; readonly accumulate: DataType },
  shape: readonly number[],
): void {
  const step: Pick<Step<'matmul'>, 'kind' | 'inputs' | 'attributes'> = { kind: 'matmul', inputs, attributes };
  const isFloat = reference.isFloat(attributes.accumulate);
  addStep(
    workshop,
    step,
    inputs.slice(1).map(() => attributes.accumulate),
    shape,
    { mayFuse: isFloat },
  );
}
