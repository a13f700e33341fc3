import type { DataType, Expression, Instruction, Operand, Type, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { sameView } from '../views.js';
import { simplifyInstruction } from './algebra.js';
import { elementType, isCommutative, isNarrowFloat } from './operators.js';

/** A value under construction: its number changes only when the expression is finished. */
export type Value = number;

type Entry =
  | { readonly kind: 'base'; readonly index: number; readonly dataType: DataType }
  | { readonly kind: 'input'; readonly operand: Operand; readonly dataType: DataType }
  | { readonly kind: 'instruction'; readonly instruction: Instruction };

/**
 * Writes one expression out of others: equal inputs and equal instructions are one value, algebra that changes nothing
 * is done at once, and what no result needs is left out in the end.
 */
export class ExpressionWriter {
  readonly #entries: Entry[] = [];
  readonly #instructions = new Map<string, Value>();

  constructor(private readonly tensors: readonly { readonly type: Type }[]) {}

  /** Result `index` of the step (or the element, for a prologue). */
  base(index: number, dataType: DataType): Value {
    const known = this.#entries.findIndex((entry) => entry.kind === 'base' && entry.index === index);
    return known >= 0 ? known : this.#entries.push({ kind: 'base', index, dataType }) - 1;
  }

  /** An element read from memory. A prologue has to be inlined by the caller. */
  input(operand: Operand): Value {
    const known = this.#entries.findIndex((entry) => entry.kind === 'input' && sameOperand(entry.operand, operand));
    if (known >= 0) return known;
    const read = operand.quantization?.scale.tensor ?? operand.tensor;
    const dataType = elementType(this.tensors[read]!.type);
    const kept = operand.quantization
      ? { ...plainView(operand), quantization: operand.quantization }
      : plainView(operand);
    return this.#entries.push({ kind: 'input', operand: kept, dataType }) - 1;
  }

  instruction(instruction: Instruction): Value {
    const simplified = simplifyInstruction(instruction, {
      instructionOf: (value) => this.instructionOf(value),
      typeOf: (value) => this.typeOf(value),
    });
    if (simplified) return 'value' in simplified ? simplified.value : this.instruction(simplified.instruction);
    const { op, dataType, value } = instruction;
    const literal = Object.is(value, -0) ? '-0' : `${typeof value}${value}`;
    const ordered = isCommutative(op) ? [...instruction.arguments].sort((a, b) => a - b) : instruction.arguments;
    const key = `${op} ${dataType} ${ordered.join(',')} ${literal}`;
    let known = this.#instructions.get(key);
    if (known === undefined) {
      known = this.#entries.push({ kind: 'instruction', instruction }) - 1;
      this.#instructions.set(key, known);
    }
    return known;
  }

  /**
   * Takes over another expression.
   *
   * @param values what stands for its first values, one for each
   * @param read where its inputs are to be read; `undefined`: cannot be said, and nothing is taken over
   * @param coordinate what stands for the index along an axis
   */
  inline(
    expression: Expression,
    values: readonly Value[],
    read: (view: View) => View | undefined = (view) => view,
    coordinate: (axis: number, dataType: DataType) => Value | undefined = (axis, dataType) =>
      this.instruction({ op: 'coordinate', arguments: [], dataType, value: axis }),
  ): Value[] | undefined {
    const known = [...values];
    for (const view of expression.inputs) {
      const moved = read(view);
      if (!moved) return undefined;
      known.push(this.input(moved));
    }
    for (const instruction of expression.body) {
      const value =
        instruction.op === 'coordinate'
          ? coordinate(Number(instruction.value), instruction.dataType)
          : this.instruction({ ...instruction, arguments: instruction.arguments.map((argument) => known[argument]!) });
      if (value === undefined) return undefined;
      known.push(value);
    }
    return expression.results.map((result) => known[result]!);
  }

  /** The value as it is after it was stored as `type` and read again. */
  stored(value: Value, type: DataType): Value {
    if (this.typeOf(value) === type && !isNarrowFloat(type)) return value;
    return this.instruction({ op: 'cast', arguments: [value], dataType: type });
  }

  typeOf(value: Value): DataType {
    const entry = this.#entries[value]!;
    return entry.kind === 'instruction' ? entry.instruction.dataType : entry.dataType;
  }

  instructionOf(value: Value): Instruction | undefined {
    const entry = this.#entries[value]!;
    return entry.kind === 'instruction' ? entry.instruction : undefined;
  }

  /** What the value is read from, if it is an input. */
  inputOf(value: Value): Operand | undefined {
    const entry = this.#entries[value]!;
    return entry.kind === 'input' ? entry.operand : undefined;
  }

  baseOf(value: Value): number | undefined {
    const entry = this.#entries[value]!;
    return entry.kind === 'base' ? entry.index : undefined;
  }

  /** The last instruction for which the test holds. */
  findLast(test: (instruction: Instruction, value: Value) => boolean): Value | undefined {
    const found = this.#entries.findLastIndex(
      (entry, value) => entry.kind === 'instruction' && test(entry.instruction, value),
    );
    return found < 0 ? undefined : found;
  }

  /**
   * Writes a value, and all that it is computed from, with another writer.
   *
   * @param known values that have been written already, or that others stand for; what is written is added
   * @returns `undefined` if a result of the step would be needed that nothing stands for
   */
  transcribe(value: Value, into: ExpressionWriter, known: Map<Value, Value>): Value | undefined {
    const written = known.get(value);
    if (written !== undefined) return written;
    const entry = this.#entries[value]!;
    if (entry.kind === 'base') return undefined;
    if (entry.kind === 'input') {
      known.set(value, into.input(entry.operand));
      return known.get(value);
    }
    const moved: Value[] = [];
    for (const argument of entry.instruction.arguments) {
      const own = this.transcribe(argument, into, known);
      if (own === undefined) return undefined;
      moved.push(own);
    }
    known.set(value, into.instruction({ ...entry.instruction, arguments: moved }));
    return known.get(value);
  }

  /** For a step whose results are `baseCount` values; `undefined` if an input is one that only an operand can be. */
  finish(baseCount: number, results: readonly Value[]): Expression | undefined {
    const { inputs, body, numbers } = this.#number(baseCount, results);
    if (inputs.some((input) => input.quantization)) return undefined;
    return { inputs, body, results: results.map((result) => numbers.get(result)!) };
  }

  /** For a map: everything it reads is an operand. */
  finishMap(results: readonly Value[]): { readonly inputs: readonly Operand[]; readonly epilogue: Expression } {
    const { inputs, body, numbers } = this.#number(0, results);
    return { inputs, epilogue: { inputs: [], body, results: results.map((result) => numbers.get(result)!) } };
  }

  #number(baseCount: number, results: readonly Value[]) {
    const needed = new Set<Value>(results);
    for (let value = this.#entries.length - 1; value >= 0; value--) {
      const entry = this.#entries[value]!;
      if (entry.kind !== 'instruction' || !needed.has(value)) continue;
      for (const argument of entry.instruction.arguments) needed.add(argument);
    }
    const kept = this.#entries.map((entry, value) => ({ entry, value })).filter(({ value }) => needed.has(value));
    const numbers = new Map<Value, number>();
    const inputs: Operand[] = [];
    for (const { entry, value } of kept) {
      if (entry.kind === 'base') numbers.set(value, entry.index);
      if (entry.kind === 'input') numbers.set(value, baseCount + inputs.push(entry.operand) - 1);
    }
    const body: Instruction[] = [];
    for (const { entry, value } of kept) {
      if (entry.kind !== 'instruction') continue;
      const moved = entry.instruction.arguments.map((argument) => numbers.get(argument)!);
      numbers.set(value, baseCount + inputs.length + body.push({ ...entry.instruction, arguments: moved }) - 1);
    }
    return { inputs, body, numbers };
  }
}

/** Whether two operands without prologues read the same elements in the same way. */
export function sameOperand(a: Operand, b: Operand): boolean {
  if (!sameView(a, b)) return false;
  if (!a.quantization || !b.quantization) return a.quantization === b.quantization;
  const { scale, zeroPoint, block } = a.quantization;
  const other = b.quantization;
  return (
    sameView(scale, other.scale) &&
    (zeroPoint && other.zeroPoint ? sameView(zeroPoint, other.zeroPoint) : zeroPoint === other.zeroPoint) &&
    block.length === other.block.length &&
    block.every((extent, axis) => extent === other.block[axis])
  );
}
