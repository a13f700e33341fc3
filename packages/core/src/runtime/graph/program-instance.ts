import type { PlannedProgram } from '../../compiler/plan.js';
import type { Bound, Executable, Span, Step, View } from '../../contract/index.js';
import type { LoadedConstant } from '../device/constants.js';
import type { DeviceSession } from '../device/session.js';
import { asHalyardError } from '../errors.js';
import { breathe } from '../host/index.js';
import { alignUp } from '../pool/block-list.js';
import type { TensorMemory } from '../tensor.js';

/** A binding that changes with what is dispatched. */
export interface ProgramSlot {
  readonly binding: number;
  readonly role: 'input' | 'output' | 'state';
  readonly name: string;
}

/** One program of a plan, compiled on its device, with its constants in memory. */
export class ProgramInstance {
  readonly slots: readonly ProgramSlot[];

  private constructor(
    readonly session: DeviceSession,
    readonly planned: PlannedProgram,
    readonly executable: Executable,
    readonly constants: readonly LoadedConstant[],
    readonly packed: readonly Span[],
    readonly plain: ReadonlyMap<number, Span>,
  ) {
    this.slots = planned.program.bindings.flatMap((binding, index) =>
      binding.role === 'constant' ? [] : [{ binding: index, role: binding.role, name: binding.name }],
    );
  }

  /** @throws HalyardError what the device's compiler says, `out-of-memory`, or what reading the constants' files gave */
  static async create(session: DeviceSession, planned: PlannedProgram): Promise<ProgramInstance> {
    const { program, tuning } = planned;
    await breathe();
    const executable = await session.device.compile(program, tuning).catch((error: unknown) => {
      throw asHalyardError(error, `Compiling for ${session.adapter.name}`);
    });
    const constants: LoadedConstant[] = [];
    try {
      const bytes = alignUp(program.workspaceBytes, session.adapter.limits.alignment) + executable.workspaceBytes;
      const loads = [
        ...executable.packed.map((packed) => ({
          sources: packed.constants.map((binding) => constantOf(planned, binding)),
          layout: packed.layout,
          bytes: packed.bytes,
        })),
        ...plainConstants(planned, executable).map((binding) => ({
          sources: [constantOf(planned, binding)],
          layout: 'plain',
          bytes: program.bindings[binding]!.bytes,
          binding,
        })),
      ];
      const loading: Promise<LoadedConstant>[] = [];
      for (const { sources, layout, bytes } of loads) {
        await breathe();
        const constant = session.constants.load(sources, layout, bytes);
        constant.then(
          (loaded) => constants.push(loaded),
          () => {},
        );
        loading.push(constant);
      }
      const loaded = await Promise.allSettled(loading);
      const spans = loaded.map((result) => {
        if (result.status === 'rejected') throw asHalyardError(result.reason, 'Loading constants');
        return result.value.span;
      });
      const packed = spans.slice(0, executable.packed.length);
      const plain = new Map<number, Span>();
      for (const [index, load] of loads.entries())
        if ('binding' in load) plain.set(load.binding as number, spans[index]!);
      await session.workspace.enter(bytes);
      return new ProgramInstance(session, planned, executable, constants, packed, plain);
    } catch (error) {
      for (const constant of constants) constant.release([]);
      executable.dispose();
      throw error;
    }
  }

  /** @param memories one for each slot */
  bind(memories: readonly TensorMemory[]): Bound {
    const spans = new Array<Span | undefined>(this.planned.program.bindings.length).fill(undefined);
    for (const [binding, span] of this.plain) spans[binding] = span;
    for (const [index, slot] of this.slots.entries()) spans[slot.binding] = memories[index]!.span;
    return this.executable.bind(spans, this.packed, this.session.workspace.span);
  }

  /** Nothing new may be submitted; what is in flight goes on. */
  dispose(): void {
    const inFlight = this.session.inFlight();
    for (const constant of this.constants) constant.release(inFlight);
    this.session.workspace.leave();
    this.executable.dispose();
  }
}

function constantOf({ program, constants }: PlannedProgram, index: number) {
  const binding = program.bindings[index];
  const source = binding?.role === 'constant' ? constants[binding.fingerprint] : undefined;
  if (source) return source;
  throw asHalyardError(new Error(`binding ${index} is no constant with a source`), 'Loading constants', 'bad-program');
}

/** Those that steps read as they are: all that are not packed, and those that are packed but read in several places. */
function plainConstants({ program }: PlannedProgram, executable: Executable): number[] {
  const isPacked = new Set(executable.packed.flatMap(({ constants }) => constants));
  const reads = new Array<number>(program.bindings.length).fill(0);
  const count = (view: View | null | undefined) => {
    const at = view && program.tensors[view.tensor]?.at;
    if (at && typeof at === 'object') reads[at.binding]!++;
  };
  const visit = (step: Step) => {
    for (const operand of step.inputs) {
      for (const view of [operand, operand?.quantization?.scale, operand?.quantization?.zeroPoint]) count(view);
      for (const view of operand?.prologue?.inputs ?? []) count(view);
    }
    for (const view of step.epilogue?.inputs ?? []) count(view);
    for (const target of step.outputs) count(target.rows?.indices);
    for (const inner of step.body ?? []) visit(inner);
  };
  for (const step of program.steps) visit(step);
  return program.bindings.flatMap(({ role }, index) =>
    role === 'constant' && (!isPacked.has(index) || reads[index]! > 1) ? [index] : [],
  );
}
