import type { Attributes } from '../contract/index.js';
import type { OperatorDeclaration } from './declaration.js';
import { describe, placeOf, rejectArgument } from './errors.js';
import type { Operator } from './graph.js';
import { MLOperand, type MLOperandDescriptor } from './operand.js';
import { OperatorCall } from './operator-call.js';
import { checkShape } from './shape.js';

/** What every operator takes. */
export interface MLOperatorOptions {
  /** Names the operator in errors and in `explain()`. */
  readonly label?: string;
}

type AttributeValues = Readonly<Record<string, Attributes[string] | undefined>>;

/**
 * Records operands and operators. The families of operators stand one on another, each in a file of its own; the
 * last is `MLGraphBuilder`.
 */
export abstract class OperatorBuilder {
  readonly #operands: MLOperand[] = [];
  readonly #operators: Operator[] = [];
  #hasBuilt = false;

  /** Records an operator with one result. */
  protected operator(
    declaration: OperatorDeclaration,
    inputs: readonly (MLOperand | undefined)[],
    attributes: AttributeValues,
    options: MLOperatorOptions,
  ): MLOperand {
    return this.operatorWithResults(declaration, inputs, attributes, options)[0]!;
  }

  /** Records an operator. Rejects it, with nothing changed, if it does not fit its declaration. */
  protected operatorWithResults(
    declaration: OperatorDeclaration,
    inputs: readonly (MLOperand | undefined)[],
    attributes: AttributeValues,
    options: MLOperatorOptions,
  ): MLOperand[] {
    const label = options?.label ?? '';
    const where = placeOf(declaration.name, label);
    this.requireOpen(where);
    inputs.forEach((operand, position) => {
      const declared = declaration.inputs[Math.min(position, declaration.inputs.length - 1)]!;
      if (operand !== undefined || !declared.optional) this.requireOwn(where, declared.name, operand);
    });
    const given = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
    const call = new OperatorCall(declaration, inputs, given as Attributes, label);
    const descriptors = declaration.infer(call);
    for (const descriptor of descriptors) checkShape(where, descriptor);

    const name = label === '' ? `${declaration.name}_${this.#operators.length}` : label;
    const outputs = descriptors.map((descriptor, position) =>
      this.addOperand(descriptor, descriptors.length === 1 ? name : `${name}.${position}`),
    );
    this.#operators.push({
      name: declaration.name,
      inputs: inputs.map((operand) => (operand ? MLOperand.originOf(operand)!.id : null)),
      outputs: outputs.map((operand) => MLOperand.originOf(operand)!.id),
      attributes: call.attributes,
      label: name,
    });
    return outputs;
  }

  protected addOperand(descriptor: MLOperandDescriptor, label: string): MLOperand {
    const operand = new MLOperand(descriptor, { builder: this, id: this.#operands.length, label });
    this.#operands.push(operand);
    return operand;
  }

  /** @throws HalyardError `bad-argument` for anything but an operand of this builder */
  protected requireOwn(where: string, name: string, operand: unknown): asserts operand is MLOperand {
    const origin = MLOperand.originOf(operand);
    if (!origin) {
      rejectArgument(
        where,
        `${name} is ${describe(operand)}`,
        'an MLOperand',
        'Pass what a method of this builder gave.',
      );
    }
    if (origin.builder !== this) {
      rejectArgument(
        where,
        `${name} "${origin.label}" of another builder`,
        'an operand of this builder',
        'Make all operands of a graph with one builder.',
      );
    }
  }

  /** @throws HalyardError `bad-argument` once the builder has built */
  protected requireOpen(where: string): void {
    if (this.#hasBuilt) {
      rejectArgument(
        where,
        'a builder that has built its graph',
        'a builder before build()',
        'Make a new MLGraphBuilder for another graph.',
      );
    }
  }

  /** Ends the recording. */
  protected close(): { readonly operands: readonly MLOperand[]; readonly operators: readonly Operator[] } {
    this.#hasBuilt = true;
    return { operands: this.#operands, operators: this.#operators };
  }
}
