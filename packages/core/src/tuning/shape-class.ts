import type { Step, StepKinds } from '../contract/index.js';
import type { ShapeName } from './table.js';

/** The extents by which configurations are chosen. */
export function shapeClass(step: Step): Partial<Record<ShapeName, number>> {
  const shape = (index: number) => step.inputs[index]?.shape ?? [];
  const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
  switch (step.kind) {
    case 'matmul': {
      const [a, b] = [shape(0), shape(1)];
      return { batch: product(a.slice(0, -2)), rows: a.at(-2) ?? 1, columns: b.at(-1) ?? 1, depth: a.at(-1) ?? 1 };
    }
    case 'attention': {
      const [query, key] = [shape(0), shape(1)];
      return {
        batch: product(query.slice(0, -2)),
        rows: query.at(-2) ?? 1,
        columns: key.at(-2) ?? 1,
        depth: query.at(-1) ?? 1,
      };
    }
    case 'reduce':
    case 'normalize':
    case 'scan': {
      const attributes = step.attributes as Partial<
        StepKinds['reduce']['attributes'] & StepKinds['scan']['attributes']
      >;
      const axes = attributes.axes ?? [attributes.axis ?? 0];
      const depth = product(axes.map((axis) => shape(0)[axis] ?? 1));
      return { rows: depth === 0 ? 0 : product(shape(0)) / depth, depth };
    }
    default:
      return { elements: product(step.outputs[0]?.shape ?? []) };
  }
}
