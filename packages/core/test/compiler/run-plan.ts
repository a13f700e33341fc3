import { interpret, type Module, type Plan, type PlannedProgram } from '@halyard/core';

/** Bytes of inputs, outputs and states by name. */
export interface PlanMemory {
  readonly inputs: Map<string, Uint8Array>;
  readonly outputs: Map<string, Uint8Array>;
  readonly states: Map<string, Uint8Array>;
}

/**
 * Runs a plan on the reference interpreter. What is not given reads as zeros; the workspace starts full of a NaN pattern.
 *
 * @param orderOf in which order the steps of each program run; left out, as listed
 */
export function runPlan(
  plan: Plan,
  given: Partial<PlanMemory> = {},
  orderOf?: (program: PlannedProgram['program']) => readonly number[],
): PlanMemory {
  const copy = (from?: Map<string, Uint8Array>) =>
    new Map([...(from ?? [])].map(([name, bytes]) => [name, bytes.slice()]));
  const memory = { inputs: copy(given.inputs), outputs: copy(given.outputs), states: copy(given.states) };
  for (const command of plan.commands) {
    if (command.kind === 'transfer') memory.inputs.set(command.name, memory.outputs.get(command.name)!.slice());
    else runProgram(plan.programs[command.program]!, memory, orderOf);
  }
  for (const command of plan.commands) if (command.kind === 'transfer') memory.outputs.delete(command.name);
  return memory;
}

function runProgram(
  { program, constants }: PlannedProgram,
  memory: PlanMemory,
  orderOf?: (program: PlannedProgram['program']) => readonly number[],
): void {
  const rooms = { input: memory.inputs, output: memory.outputs, state: memory.states };
  const bindings = program.bindings.map((binding) => {
    if (binding.role === 'constant') {
      const parts = constants[binding.fingerprint]!.parts.map((part) => ('data' in part ? part.data : undefined)!);
      return Buffer.concat(parts);
    }
    const room = rooms[binding.role];
    if (!room.has(binding.name)) room.set(binding.name, new Uint8Array(binding.bytes));
    return room.get(binding.name)!;
  });
  const steps = orderOf ? orderOf(program).map((at) => program.steps[at]!) : program.steps;
  interpret({ ...program, steps }, bindings, new Uint8Array(program.workspaceBytes).fill(0xff));
}

/** Outputs and states as text, for comparison: what nobody wrote or reads in a run is left out. */
export function results({ outputs, states }: PlanMemory, module: Module) {
  const written = new Set(module.steps.flatMap((step) => step.outputs.map(({ tensor }) => tensor)));
  const text: Record<string, string> = {};
  for (const [tensor, { origin }] of module.tensors.entries()) {
    if (!written.has(tensor) || (origin.kind !== 'output' && origin.kind !== 'state')) continue;
    const bytes = (origin.kind === 'output' ? outputs : states).get(origin.name);
    text[`${origin.kind} ${origin.name}`] = bytes ? Buffer.from(bytes).toString('hex') : '';
  }
  return text;
}
