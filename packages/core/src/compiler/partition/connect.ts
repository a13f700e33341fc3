import { readsOf } from '../accesses.js';
import type { Module } from '../module.js';
import type { Command } from '../plan.js';
import { Part } from './part.js';
import type { Segment } from './segments.js';

/** A module cut into programs of one device each, and what passes between them. */
export interface Partition {
  /** In the order in which they run. */
  readonly parts: readonly { readonly device: number; readonly module: Module }[];
  readonly commands: readonly Command[];
}

/** Where the newest contents of a tensor are. */
interface Holder {
  readonly part: number;
  /** In the memory that outlives the program: the user's output or state. */
  readonly isAtHome: boolean;
}

/**
 * Makes a program of each segment. Inputs and constants are there for all of them. States and outputs live on the device
 * that touches them first; what another device reads of them, or of any temporary, is brought there, and what another
 * device writes is brought back.
 */
export function connect({ tensors }: Module, segments: readonly Segment[]): Partition {
  const parts = segments.map(({ device, steps }) => new Part(tensors, device, steps));
  const transfers: Command[][] = parts.map(() => []);
  const homes = new Map<number, number>();
  const holders = new Map<number, Holder>();
  const isPersistent = (tensor: number) => ['state', 'output'].includes(tensors[tensor]!.origin.kind);

  const bring = (tensor: number, to: number, { part: from }: Holder): string => {
    const name = `tensor ${tensor} of program ${from}`;
    parts[from]!.send(tensor, name);
    transfers[to]!.push({ kind: 'transfer', name, from, to });
    return name;
  };

  for (const [at, { device, steps }] of segments.entries()) {
    const part = parts[at]!;
    const written = new Set(steps.flatMap(({ outputs }) => outputs.map(({ tensor }) => tensor)));
    const touched = new Set([...written, ...steps.flatMap((step) => readsOf(step).map(({ tensor }) => tensor))]);
    for (const tensor of touched) {
      const { kind } = tensors[tensor]!.origin;
      if (kind === 'input' || kind === 'constant') continue;
      if (isPersistent(tensor) && !homes.has(tensor)) homes.set(tensor, device);
      const isHome = homes.get(tensor) === device;
      const holder = holders.get(tensor);
      const isHere = holder === undefined || (isHome && holder.isAtHome);
      if (isPersistent(tensor) && !isHome && written.has(tensor)) part.makeLocal(tensor);
      if (!isHere) {
        const name = bring(tensor, at, holder);
        if (written.has(tensor) || isHome) part.receiveInto(tensor, name);
        else part.receive(tensor, name);
      }
      if (holder === undefined || written.has(tensor) || isHome) holders.set(tensor, { part: at, isAtHome: isHome });
    }
  }
  bringHome(homes, holders, parts, transfers, tensors, bring);
  const commands = parts.flatMap((_, program): Command[] => [...transfers[program]!, { kind: 'run', program }]);
  return { parts: parts.map((part) => ({ device: part.device, module: part.toModule() })), commands };
}

/** What was last written away from home goes back there, in a program of its own for each device. */
function bringHome(
  homes: ReadonlyMap<number, number>,
  holders: ReadonlyMap<number, Holder>,
  parts: Part[],
  transfers: Command[][],
  tensors: Module['tensors'],
  bring: (tensor: number, to: number, holder: Holder) => string,
): void {
  const returning = new Map<number, number>();
  for (const [tensor, device] of homes) {
    const holder = holders.get(tensor)!;
    if (holder.isAtHome) continue;
    let part = returning.get(device);
    if (part === undefined) {
      part = parts.push(new Part(tensors, device, [])) - 1;
      transfers.push([]);
      returning.set(device, part);
    }
    parts[part]!.receiveInto(tensor, bring(tensor, part, holder));
  }
}
