import { compareBindings, interpretWithBounds, mismatchError, type ProgramCase } from '@halyard/conformance';
import type { Configuration } from '@halyard/core';
import { type GeneratedProgram, generateProgram, type Target } from '@halyard/simt';
import { type Counters, compileCuda, type Finding, SimulatedDevice } from '@halyard/simulator';
import { toolkitFor } from './matrix-targets.js';
import { encodedMap } from './tensor-map.js';

/** What a run on the simulator left and did. */
export interface Simulated {
  readonly generated: GeneratedProgram;
  /** The bytes of each binding. */
  readonly bindings: readonly Uint8Array[];
  /** Of each launch. */
  readonly counters: readonly Counters[];
  readonly findings: readonly Finding[];
}

const roundUp = (bytes: number): number => Math.max(Math.ceil(bytes / 16) * 16, 16);

/**
 * Generates a program, compiles it with NVRTC and executes the PTX.
 *
 * @throws Error if a launch does not run to its end
 */
export async function simulate(
  { program, data, name }: ProgramCase,
  target: Target,
  tuning: readonly Configuration[] = [],
): Promise<Simulated> {
  const generated = generateProgram(program, target, tuning);
  const toolkit = await toolkitFor(target.architecture);
  const { architecture, multiprocessors } = target;
  const device = new SimulatedDevice({ architecture, memoryBytes: 2 ** 30, multiprocessors });
  const modules = await Promise.all(
    generated.modules.map(async ({ source }) =>
      device.load((await compileCuda(toolkit, source, { architecture })).ptx),
    ),
  );
  const bindings = data.map((bytes) => {
    const address = device.allocate(roundUp(bytes.length));
    const padded = new Uint8Array(roundUp(bytes.length));
    padded.set(bytes);
    device.write(address, padded);
    return address;
  });
  const workspace = device.allocate(roundUp(program.workspaceBytes));
  const scratch = device.allocate(roundUp(generated.scratchBytes));
  const counters: Counters[] = [];
  const findings: Finding[] = [];
  for (const launch of generated.launches) {
    const result = await device.launch({
      module: modules[launch.module]!,
      kernel: launch.kernel,
      grid: launch.grid,
      block: launch.block,
      dynamicSharedBytes: launch.dynamicSharedBytes,
      arguments: launch.arguments.map((argument) => {
        if (argument.kind === 'binding') return bindings[argument.binding]!;
        if (argument.kind === 'workspace') return workspace + BigInt(argument.offset);
        if (argument.kind === 'scratch') return scratch + BigInt(argument.offset);
        if (argument.kind === 'scalar') return argument;
        if (argument.kind === 'tensor-map') {
          const { map } = argument;
          return encodedMap(
            map,
            map.memory.kind === 'binding' ? bindings[map.memory.binding]! : workspace + BigInt(map.memory.offset),
          );
        }
        throw new Error(`${name}: packed constants are not made here`);
      }),
    });
    if (result.error) throw new Error(`${name}, ${launch.kernel}: ${result.error}: ${result.message}`);
    counters.push(result.counters);
    findings.push(...result.findings);
  }
  const read = data.map((bytes, index) => new Uint8Array(device.read(bindings[index]!, bytes.length)));
  return { generated, bindings: read, counters, findings };
}

/**
 * As {@link simulate}, and compares what came out with the reference interpreter.
 *
 * @throws Error for a result outside of conformance's bounds, or anything that hardware would hide
 */
export async function judge(given: ProgramCase, target: Target, tuning?: readonly Configuration[]): Promise<Simulated> {
  const simulated = await simulate(given, target, tuning);
  const expected = given.data.map((bytes) => bytes.slice());
  const bounds = interpretWithBounds(given.program, expected);
  const mismatch = compareBindings(given.program, simulated.bindings, expected, bounds);
  if (mismatch) throw mismatchError(given.name, mismatch);
  const [finding] = simulated.findings;
  if (finding)
    throw new Error(
      `${given.name}, ${finding.kernel}: ${finding.kind} at ${finding.instruction}: ${finding.explanation}`,
    );
  return simulated;
}
