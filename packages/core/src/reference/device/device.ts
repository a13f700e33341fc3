import { validateProgram } from '../../compiler/validate-program.js';
import type { Adapter, Configuration, Device, Executable, Program, Queue } from '../../contract/index.js';
import type { BackendDefinition } from '../define-backend.js';
import { disposed, HostExecutable } from './executable.js';
import { HostMemory } from './memory.js';
import { Poison } from './poison.js';
import { HostQueue, type QueueOwner } from './queue.js';
import { asHalyardError, type HostToken } from './token.js';

/** A device that computes where JavaScript can reach. */
export class HostDevice implements Device, QueueOwner {
  readonly memory: HostMemory;
  readonly poison = new Poison();
  readonly lost = new Promise<never>(() => {});
  isClosed = false;
  readonly #definition: BackendDefinition;
  readonly #inFlight = new Set<HostToken>();

  /** @param bytes the most memory that may be reserved */
  constructor(
    definition: BackendDefinition,
    readonly adapter: Adapter,
    bytes: number,
  ) {
    this.#definition = definition;
    this.memory = new HostMemory(adapter.id, bytes);
  }

  queue(_kind: 'compute' | 'copy'): Queue {
    return new HostQueue(this);
  }

  async compile(program: Program, tuning: readonly Configuration[]): Promise<Executable> {
    if (this.isClosed) throw disposed('open device');
    validateProgram(program);
    try {
      const compute = await this.#definition.compile(program, tuning, this.adapter);
      return new HostExecutable(this, this.#definition.name, program, compute);
    } catch (thrown) {
      throw asHalyardError(thrown, `Compiling for ${this.adapter.name}`);
    }
  }

  submitted(token: HostToken): void {
    this.#inFlight.add(token);
    token.outcome.then(() => this.#inFlight.delete(token));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.#inFlight].map(({ outcome }) => outcome));
    this.memory.releaseAll();
  }
}
