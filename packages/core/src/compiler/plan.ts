import type { Configuration, ConstantSource, Program } from '../contract/index.js';
import type { Explanation } from './explain.js';

/** What the runtime executes: programs, each for one device, and the commands that run and connect them. Plain data. */
export interface Plan {
  readonly programs: readonly PlannedProgram[];
  /** In the order in which they are submitted. */
  readonly commands: readonly Command[];
  readonly explanation: Explanation;
}

export interface PlannedProgram {
  /** Index into the devices that were compiled for. */
  readonly device: number;
  readonly program: Program;
  /** One for each step. */
  readonly tuning: readonly Configuration[];
  /** The sources of the constant bindings, by fingerprint. */
  readonly constants: Readonly<Record<string, ConstantSource>>;
}

export type Command =
  | { readonly kind: 'run'; readonly program: number }
  /** Brings an output of one program to the input of the same name of another, on another device. */
  | { readonly kind: 'transfer'; readonly name: string; readonly from: number; readonly to: number };
