import type { DataType, Operand, Step, StepKind, StepKinds, Target, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { Formula, type Value } from '../decompose/formula.js';
import type { ModuleTensor } from '../module.js';
import { contiguous } from '../views.js';

/** Collects the steps that take the place of one that no device could do as it was. */
export class StepWriter {
  readonly steps: Step[] = [];

  /** @param tensors of the module; temporaries are added to it */
  constructor(
    readonly tensors: ModuleTensor[],
    private readonly origin: readonly string[],
  ) {}

  temporary(type: DataType, shape: readonly number[]): View {
    const tensor = this.tensors.push({ type, shape: [...shape], origin: { kind: 'temporary' } }) - 1;
    return contiguous(tensor, shape);
  }

  add<Kind extends StepKind>(
    kind: Kind,
    inputs: readonly (Operand | null)[],
    outputs: readonly Target[],
    attributes: StepKinds[Kind]['attributes'],
  ): void {
    this.steps.push({ kind, inputs, outputs, attributes, after: [], origin: this.origin } as unknown as Step);
  }

  /** A map over `shape`: `compute` gives one value for each of `outputs`, cast to what they hold. */
  map(shape: readonly number[], outputs: readonly Target[], compute: (formula: Formula) => readonly Value[]): void {
    const formula = new Formula(this.tensors, shape);
    const results = compute(formula).map((value, output) =>
      formula.cast(value, this.tensors[outputs[output]!.tensor]!.type as DataType),
    );
    this.add('map', [], outputs, {});
    this.steps[this.steps.length - 1] = { ...this.steps[this.steps.length - 1]!, ...formula.finishMap(results) };
  }

  /** A map of one value into a temporary of its own. */
  computed(type: DataType, shape: readonly number[], compute: (formula: Formula) => Value): View {
    const result = this.temporary(type, shape);
    this.map(shape, [result], (formula) => [compute(formula)]);
    return result;
  }

  /** The view along whose axis `axis` runs `outer · inner` elements, as two axes. */
  static splitAxis(view: View, axis: number, outer: number, inner: number): View {
    const stride = view.strides[axis]!;
    return {
      ...plainView(view),
      shape: [...view.shape.slice(0, axis), outer, inner, ...view.shape.slice(axis + 1)],
      strides: [...view.strides.slice(0, axis), stride * inner, stride, ...view.strides.slice(axis + 1)],
    };
  }
}
