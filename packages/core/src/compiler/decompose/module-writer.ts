import type {
  DataType,
  Expression,
  Operand,
  Step,
  StepKind,
  StepKinds,
  Target,
  Type,
  View,
} from '../../contract/index.js';
import { elementType } from '../expressions/operators.js';
import type { Module, ModuleTensor, TensorOrigin } from '../module.js';
import { contiguous } from '../views.js';
import { Formula, type Value } from './formula.js';

/** A module under construction. Steps run in the order in which they are added. */
export class ModuleWriter {
  readonly #tensors: ModuleTensor[] = [];
  readonly #steps: Step[] = [];

  get tensors(): readonly ModuleTensor[] {
    return this.#tensors;
  }

  /** The whole of a new tensor. */
  tensor(type: Type, shape: readonly number[], origin: TensorOrigin, label?: string): View {
    const tensor = this.#tensors.push({ type, shape: [...shape], origin, ...(label !== undefined && { label }) }) - 1;
    return contiguous(tensor, shape);
  }

  temporary(type: DataType, shape: readonly number[], label?: string): View {
    return this.tensor(type, shape, { kind: 'temporary' }, label);
  }

  /** What an element of the view reads as. */
  dataType(view: View): DataType {
    return elementType(this.#tensors[view.tensor]!.type);
  }

  step<Kind extends StepKind>(
    kind: Kind,
    inputs: readonly (Operand | null)[],
    outputs: readonly Target[],
    attributes: StepKinds[Kind]['attributes'],
    origin: readonly string[],
    epilogue?: Expression,
  ): void {
    const step: Step<StepKind> = {
      kind,
      inputs,
      outputs,
      attributes,
      after: [],
      origin,
      ...(epilogue && { epilogue }),
    };
    this.#steps.push(step as Step);
  }

  /** A map: `compute` gives one value for each of `outputs`, which are all of one shape. */
  map(outputs: readonly Target[], origin: readonly string[], compute: (formula: Formula) => readonly Value[]): void {
    const formula = new Formula(this.#tensors, mapShape(outputs[0]!));
    const results = compute(formula);
    const { inputs, epilogue } = formula.finishMap(
      results.map((value, output) => formula.cast(value, this.dataType(outputs[output]!))),
    );
    this.step('map', inputs, outputs, {}, origin, epilogue);
  }

  copy(from: View, to: Target, origin: readonly string[]): void {
    this.map([to], origin, (formula) => [formula.read(from)]);
  }

  finish(): Module {
    return { tensors: this.#tensors, steps: this.#steps };
  }
}

/** The shape over which a map runs: with `rows`, one slice for each index. */
function mapShape({ shape, rows }: Target): readonly number[] {
  return rows ? shape.map((extent, axis) => (axis === rows.axis ? rows.indices.shape[0]! : extent)) : shape;
}
