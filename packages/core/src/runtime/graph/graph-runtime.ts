import type { Explanation } from '../../compiler/explain.js';
import type { Command, Plan } from '../../compiler/plan.js';
import type { HalyardError, KernelChoice, Token } from '../../contract/index.js';
import type { DeviceSession } from '../device/session.js';
import { asHalyardError } from '../errors.js';
import type { Telemetry } from '../telemetry.js';
import { TensorMemory } from '../tensor.js';
import { BindingCache, type BindingSet } from './binding-cache.js';
import { ProgramInstance } from './program-instance.js';
import type { MLNamedTensors, Signature } from './signature.js';
import { transfer } from './transfer.js';

/** A plan on its devices: what a dispatch needs, without the graph object that the user holds. */
export class GraphRuntime {
  isDestroyed = false;
  readonly isAsynchronous: boolean;
  readonly #bindings: BindingCache;
  #choices: readonly (readonly KernelChoice[])[] | undefined;

  private constructor(
    readonly id: number,
    readonly plan: Plan,
    readonly signature: Signature,
    readonly programs: readonly ProgramInstance[],
    /** Memory on devices other than the first, and of what passes between programs. By device and name. */
    readonly internal: ReadonlyMap<string, TensorMemory>,
    readonly telemetry: Telemetry,
    readonly onDestroyed: () => void,
  ) {
    // Bringing data to another device passes through the host, and so has to wait.
    this.isAsynchronous = internal.size > 0;
    const positions = new Map(signature.slots.map(({ name, role }, index) => [`${role} ${name}`, index]));
    this.#bindings = new BindingCache(
      programs,
      (program, memories) =>
        programs[program]!.slots.map(({ role, name }) => {
          const memory = internal.get(internalKey(programs[program]!, name));
          return memory ?? memories[positions.get(`${role} ${name}`)!]!;
        }),
      telemetry,
    );
  }

  /** @throws HalyardError what compiling, packing or allocating gave; nothing is left behind then */
  static async create(
    id: number,
    sessions: readonly DeviceSession[],
    plan: Plan,
    signature: Signature,
    telemetry: Telemetry,
    onDestroyed: () => void,
  ): Promise<GraphRuntime> {
    const programs: ProgramInstance[] = [];
    const internal = new Map<string, TensorMemory>();
    try {
      for (const planned of plan.programs)
        programs.push(await ProgramInstance.create(sessions[planned.device]!, planned));
      for (const program of programs) await addInternal(internal, program, sessions[0]!, signature);
      return new GraphRuntime(id, plan, signature, programs, internal, telemetry, onDestroyed);
    } catch (error) {
      for (const program of programs) program.dispose();
      for (const memory of internal.values()) memory.destroy();
      throw error;
    }
  }

  /**
   * The set of tensors that are given, checked unless it is the one of the last dispatch.
   *
   * @throws HalyardError `bad-argument` or `destroyed`
   */
  resolve(
    inputs: MLNamedTensors,
    outputs: MLNamedTensors,
    states: MLNamedTensors,
    memoryOf: (tensor: unknown) => TensorMemory | undefined,
    isOwn: (memory: TensorMemory) => boolean,
  ): BindingSet {
    const latest = this.#bindings.latest;
    if (latest && this.#isSame(latest, inputs, outputs, states, memoryOf) && this.#bindings.isCurrent(latest))
      return latest;
    return this.#bindings.get(this.signature.check(inputs, outputs, states, isOwn));
  }

  /** Submits everything. With one device that is one call of the queue for each program, and nothing waits. */
  submit(set: BindingSet): void {
    const failure = this.#failureOf(set);
    if (failure) {
      this.#poison(set, failure);
      return;
    }
    for (const command of this.plan.commands) this.#run(set, (command as Command & { kind: 'run' }).program);
  }

  /** The same over several devices. Resolves when all is submitted; failures stay with the tensors. */
  async submitInTurn(set: BindingSet): Promise<void> {
    const failure = this.#failureOf(set);
    if (failure) return this.#poison(set, failure);
    try {
      for (const command of this.plan.commands) {
        if (command.kind === 'run') await this.#runAbroad(set, command.program);
        else await this.#pass(set, command);
      }
    } catch (error) {
      this.#poison(set, asHalyardError(error, 'A transfer between devices'));
    }
  }

  /** What the compiler did, and which kernels the devices chose. */
  explain(): Explanation {
    const choices = (this.#choices ??= this.programs.map(({ executable }) => executable.explain()));
    const steps = this.plan.explanation.steps.map((step) => {
      const choice = choices[step.program]?.find((candidate) => candidate.step === step.step);
      return choice ? { ...step, kernel: choice.kernel, reason: choice.reason } : step;
    });
    return { ...this.plan.explanation, steps };
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.#bindings.clear();
    for (const memory of this.internal.values()) memory.destroy();
    for (const program of this.programs) program.dispose();
    this.onDestroyed();
  }

  #isSame(
    { memories }: BindingSet,
    inputs: MLNamedTensors,
    outputs: MLNamedTensors,
    states: MLNamedTensors,
    memoryOf: (tensor: unknown) => TensorMemory | undefined,
  ): boolean {
    const { signature } = this;
    const isSameGroup = (names: readonly string[], tensors: MLNamedTensors, start: number) => {
      for (let index = 0; index < names.length; index++) {
        const memory = memories[start + index]!;
        if (memory.isDestroyed || memoryOf(tensors[names[index]!]) !== memory) return false;
      }
      let count = 0;
      for (const _ in tensors) count++;
      return count === names.length;
    };
    const outputStart = signature.inputs.length;
    const stateStart = outputStart + signature.outputs.length;
    return (
      isSameGroup(signature.inputs, inputs, 0) &&
      isSameGroup(signature.outputs, outputs, outputStart) &&
      isSameGroup(signature.states, states, stateStart)
    );
  }

  #run(set: BindingSet, index: number): void {
    const program = this.programs[index]!;
    const memories = set.programMemories[index]!;
    const { slots, session } = program;
    const after: Token[] = [];
    let previous: Token | undefined;
    for (let slot = 0; slot < slots.length; slot++) {
      const memory = memories[slot]!;
      const token = memory.lastWrite;
      if (token === undefined || token === previous || slots[slot]!.role === 'output') continue;
      previous = token;
      if (token.isDone && token.error === undefined) memory.lastWrite = undefined;
      else if (!after.includes(token)) after.push(token);
    }
    const token = session.submitted(session.queue.run(set.bounds[index]!, after));
    set.lastRuns[index] = token;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots[slot]!.role === 'input') continue;
      const memory = memories[slot]!;
      memory.lastWrite = token;
      memory.failure = undefined;
    }
    this.telemetry.counters.runs++;
    if (this.telemetry.hears('run')) {
      const wait = () => token.wait().then(() => token.nanoseconds);
      this.telemetry.emit('run', { graph: this.id, program: index, device: session.adapter.id, wait });
    }
  }

  /** Brings to the program's device what it reads, runs it, and brings back what it wrote. */
  async #runAbroad(set: BindingSet, index: number): Promise<void> {
    const program = this.programs[index]!;
    const external = (name: string, role: string) =>
      set.memories[this.signature.slots.findIndex((slot) => slot.name === name && slot.role === role)];
    const moved = program.slots.flatMap((slot, position) => {
      const outside = external(slot.name, slot.role);
      const inside = set.programMemories[index]![position]!;
      return outside && outside !== inside ? [{ ...slot, outside, inside }] : [];
    });
    for (const { role, name, outside, inside } of moved) {
      if (role !== 'output') await transfer(name, outside, inside, this.telemetry);
    }
    this.#run(set, index);
    for (const { role, name, outside, inside } of moved) {
      if (role !== 'input') await transfer(name, inside, outside, this.telemetry);
    }
  }

  async #pass(set: BindingSet, { name, from, to }: Command & { kind: 'transfer' }): Promise<void> {
    const memoryIn = (program: number, roles: readonly string[]) => {
      const slots = this.programs[program]!.slots;
      return set.programMemories[program]![slots.findIndex((slot) => slot.name === name && roles.includes(slot.role))]!;
    };
    const source = memoryIn(from, ['output', 'state']);
    const target = memoryIn(to, ['input', 'state']);
    if (source !== target) await transfer(name, source, target, this.telemetry);
  }

  #failureOf(set: BindingSet): HalyardError | undefined {
    const { slots } = this.signature;
    for (let index = 0; index < slots.length; index++) {
      const { failure } = set.memories[index]!;
      if (failure && slots[index]!.role !== 'output') return failure;
    }
    return undefined;
  }

  #poison(set: BindingSet, failure: HalyardError): void {
    for (const [index, { role }] of this.signature.slots.entries()) {
      if (role !== 'input') set.memories[index]!.failure = failure;
    }
  }
}

function internalKey(program: ProgramInstance, name: string): string {
  return `${program.planned.device} ${name}`;
}

/** Memory for those bindings of a program that the user's tensors, which are all on the first device, cannot be. */
async function addInternal(
  internal: Map<string, TensorMemory>,
  program: ProgramInstance,
  first: DeviceSession,
  signature: Signature,
): Promise<void> {
  for (const { name, role, binding } of program.slots) {
    const isUsers = signature.slots.some((slot) => slot.name === name && slot.role === role);
    const key = internalKey(program, name);
    if ((isUsers && program.session === first) || internal.has(key)) continue;
    const { bytes } = program.planned.program.bindings[binding]!;
    internal.set(key, await TensorMemory.allocate(program.session, 'uint8', [bytes]));
  }
}
