import {
  type Adapter,
  type BackendPlugin,
  type Bound,
  type Device,
  type Executable,
  type Packed,
  type Program,
  type Queue,
  type Region,
  referencePlugin,
  type Span,
  type Token,
} from '@halyard/core';

/** A device that computes nothing and notes what it is told. Its work is done at once. */
export class FakeDevice {
  readonly calls: { readonly name: string; readonly details: readonly unknown[] }[] = [];
  readonly packed: Packed[] = [];
  readonly disposed: string[] = [];
  /** What the tokens given from now on look like. */
  token: Token = { isDone: true, wait: () => Promise.resolve() };
  lose!: (reason: string) => void;
  isNoting = true;
  openCount = 0;

  readonly plugin: BackendPlugin = {
    name: 'fake',
    contract: { major: 1, minor: 0 },
    probe: async (options) => {
      const { adapters } = await referencePlugin.probe(options);
      const adapter: Adapter = { ...adapters[0]!, id: 'fake', name: 'Fake', fingerprint: 'fake', score: 1 };
      return { adapters: [adapter], refusals: [] };
    },
    supports: () => true,
    open: async (adapter) => this.#open(adapter),
  };

  count(name: string): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  #note(name: string, ...details: unknown[]): Token {
    if (this.isNoting) this.calls.push({ name, details });
    return this.token;
  }

  #open(adapter: Adapter): Device {
    this.openCount++;
    const queue: Queue = {
      run: (bound, after) => this.#note('run', bound, after),
      pack: (sources, layout, to) => this.#note('pack', sources, layout, to),
      copy: (from, to) => this.#note('copy', from, to),
      fill: (to, byte) => this.#note('fill', to, byte),
      write: (from, to) => this.#note('write', from, to),
      read: (from, to) => this.#note('read', from, to),
    };
    return {
      adapter,
      memory: {
        granularity: 4096,
        reserve: async (bytes, tier): Promise<Region> => ({ device: adapter.id, tier, bytes, handle: undefined }),
        release: (region) => void this.#note('release', region),
      },
      queue: () => queue,
      compile: async (program) => this.#executable(program),
      lost: new Promise((resolve) => {
        this.lose = (reason) => resolve({ reason });
      }),
      close: async () => void this.#note('close'),
    };
  }

  #executable(program: Program): Executable {
    return {
      workspaceBytes: 0,
      packed: this.packed,
      bind: (spans: readonly (Span | undefined)[], packed: readonly Span[], workspace: Span): Bound => {
        this.#note('bind', spans, packed, workspace);
        return {
          rebind: (binding, span) => void this.#note('rebind', binding, span),
          dispose: () => void this.disposed.push('bound'),
        };
      },
      explain: () =>
        program.steps.map((_, step) => ({ step, kernel: 'none', configuration: {}, reason: 'it is a fake' })),
      dispose: () => void this.disposed.push('executable'),
    };
  }
}
