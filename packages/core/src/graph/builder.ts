import type { ConstantSource } from '../contract/index.js';
import { assemble } from './assemble.js';
import {
  type ConstantTensor,
  constantSource,
  isConstantTensor,
  type MLConstantData,
  scalarSource,
} from './constant.js';
import type { BuilderContext, MLGraph } from './context.js';
import { allTypes, type ElementType, elementTypes, type MLOperandDataType } from './data-types.js';
import { describe, placeOf, rejectArgument } from './errors.js';
import { MLOperand, type MLOperandDescriptor } from './operand.js';
import type { MLOperatorOptions } from './operator-builder.js';
import { RandomOperators } from './operators/random.js';
import { assign } from './operators/state.js';
import { castScalar, type MLNumber } from './scalar.js';
import { checkBlocks, checkShape } from './shape.js';

/** What a graph is to give, by name. */
export type MLNamedOperands = Readonly<Record<string, MLOperand>>;

export interface MLAssignOptions extends MLOperatorOptions {
  /** int32 or int64 [n]: the value holds n slices, and slice i goes to index `rows[i]`; outside it is dropped. */
  readonly rows?: MLOperand;
  /** The axis along which `rows` counts. Default 0. */
  readonly axis?: number;
}

/**
 * Builds a graph of operators, once. Names, arguments, defaults and checks are those of the W3C Web Neural Network
 * API; what is beyond it says so. Dimensions of extent 0 are allowed everywhere.
 *
 * Every method throws a HalyardError `bad-argument` for operands, shapes, data types or options that do not fit, for an
 * operand of another builder, and after `build`. What fails changes nothing.
 *
 * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder
 */
export class MLGraphBuilder extends RandomOperators {
  readonly #context: BuilderContext;
  readonly #inputs = new Map<string, number>();
  readonly #constants = new Map<number, ConstantSource>();
  readonly #states = new Map<string, number>();
  /** Of each state the operand that stands for it now, and its name. */
  readonly #current = new Map<MLOperand, string>();
  readonly #assigned = new Set<MLOperand>();

  constructor(context: BuilderContext) {
    super();
    if (typeof context?.compile !== 'function') {
      rejectArgument('MLGraphBuilder', describe(context), 'a context', 'Pass what createContext gave.');
    }
    this.#context = context;
  }

  /** A tensor that is handed in with every dispatch. */
  input(name: string, descriptor: MLOperandDescriptor): MLOperand {
    const operand = this.#named('input', this.#inputs, name, descriptor);
    this.#inputs.set(name, MLOperand.originOf(operand)!.id);
    return operand;
  }

  /** A tensor that is the same in every dispatch. Its bytes are copied, those of a `ConstantSource` left in place. */
  constant(
    descriptor: MLOperandDescriptor,
    data: MLConstantData | ConstantSource,
    options?: MLOperatorOptions,
  ): MLOperand;
  /** A scalar, cast to the data type. */
  constant(dataType: MLOperandDataType, value: MLNumber, options?: MLOperatorOptions): MLOperand;
  /** A tensor that the context holds. */
  constant(tensor: ConstantTensor, options?: MLOperatorOptions): MLOperand;
  constant(
    first: MLOperandDescriptor | MLOperandDataType | ConstantTensor,
    second?: MLConstantData | ConstantSource | MLNumber | MLOperatorOptions,
    third?: MLOperatorOptions,
  ): MLOperand {
    const isTensor = isConstantTensor(first);
    const options = (isTensor ? second : third) as MLOperatorOptions | undefined;
    const label = options?.label ?? '';
    const where = placeOf('constant', label);
    this.requireOpen(where);
    if (typeof first === 'string') return this.#scalar(where, first, second as MLNumber, label);
    const descriptor = this.#check(where, first, allTypes);
    const data = isTensor ? first.constantSource : (second as MLConstantData | ConstantSource);
    return this.#addConstant(descriptor, constantSource(where, descriptor, data), label);
  }

  /** A tensor that is read and written and lives on between dispatches. Beyond WebNN. */
  state(name: string, descriptor: MLOperandDescriptor): MLOperand {
    const operand = this.#named('state', this.#states, name, descriptor);
    this.#states.set(name, MLOperand.originOf(operand)!.id);
    this.#current.set(operand, name);
    return operand;
  }

  /**
   * Writes a state. What was built from the operand before keeps the value before. Beyond WebNN.
   *
   * @param state what `state` gave, or, if it was assigned before, what the last `assign` gave
   * @returns the state afterwards
   */
  assign(state: MLOperand, value: MLOperand, options: MLAssignOptions = {}): MLOperand {
    const { label, axis = 0, rows } = options;
    const where = placeOf('assign', label);
    this.requireOpen(where);
    this.requireOwn(where, 'state', state);
    const name = this.#current.get(state);
    if (name === undefined) {
      rejectArgument(
        where,
        this.#assigned.has(state) ? 'a state that was assigned since' : 'an operand that is no state',
        'what state() or the last assign() gave',
        'Pass the operand that stands for the state now.',
      );
    }
    const operand = this.operator(assign, [state, value, rows], { axis }, options);
    this.#current.delete(state);
    this.#current.set(operand, name);
    this.#assigned.add(state);
    return operand;
  }

  /**
   * Compiles the graph up to the outputs, and all that states are assigned. The builder cannot be used afterwards.
   *
   * @throws HalyardError `bad-argument` if there is nothing to compute, or an output is an input, a constant or foreign
   */
  async build(outputs: MLNamedOperands): Promise<MLGraph> {
    this.requireOpen('build');
    const entries = Object.entries(outputs ?? {});
    if (entries.length === 0 && this.#assigned.size === 0) {
      rejectArgument('build', 'no outputs', 'at least one output, or a state that is assigned', 'Name an output.');
    }
    const named = new Map<string, number>();
    for (const [name, operand] of entries) named.set(name, this.#requireOutput(name, operand));
    const recording = { inputs: this.#inputs, constants: this.#constants, states: this.#states, ...this.close() };
    return this.#context.compile(assemble(recording, named));
  }

  #named(kind: 'input' | 'state', taken: Map<string, number>, name: string, descriptor: MLOperandDescriptor) {
    const where = `${kind} ${describe(name)}`;
    this.requireOpen(where);
    if (typeof name !== 'string' || name === '' || taken.has(name)) {
      rejectArgument(
        where,
        taken.has(name) ? 'a name that is taken' : 'no name',
        `a name that no other ${kind} has`,
        'Choose another name.',
      );
    }
    return this.addOperand(this.#check(where, descriptor, elementTypes), name);
  }

  #check(where: string, descriptor: MLOperandDescriptor, types: readonly MLOperandDataType[]): MLOperandDescriptor {
    const dataType = descriptor?.dataType;
    if (!types.includes(dataType)) {
      rejectArgument(where, `data type ${describe(dataType)}`, types.join(', '), 'Choose one of these data types.');
    }
    checkShape(where, descriptor);
    checkBlocks(where, descriptor);
    return { dataType, shape: descriptor.shape };
  }

  #scalar(where: string, dataType: MLOperandDataType, value: MLNumber, label: string): MLOperand {
    this.#check(where, { dataType, shape: [] }, elementTypes);
    const type = dataType as ElementType;
    const source = scalarSource(castScalar(where, 'value', value, type), type);
    return this.#addConstant({ dataType, shape: [] }, source, label);
  }

  #addConstant(descriptor: MLOperandDescriptor, source: ConstantSource, label: string): MLOperand {
    const operand = this.addOperand(descriptor, label === '' ? `constant_${this.#constants.size}` : label);
    this.#constants.set(MLOperand.originOf(operand)!.id, source);
    return operand;
  }

  #requireOutput(name: string, operand: MLOperand): number {
    if (name === '') rejectArgument('build', 'an output without a name', 'a name', 'Name each output.');
    this.requireOwn('build', `output '${name}'`, operand);
    const { id, label } = MLOperand.originOf(operand)!;
    if (this.#constants.has(id) || this.#inputs.get(label) === id) {
      rejectArgument(
        'build',
        `output '${name}' is the ${this.#constants.has(id) ? 'constant' : 'input'} "${label}"`,
        'what an operator gave',
        'Put identity() between.',
      );
    }
    return id;
  }
}
