import {
  type Bound,
  type ConstantSource,
  HalyardError,
  type Queue,
  type Span,
  type Token,
} from '../../contract/index.js';
import { disposed, HostBound } from './executable.js';
import type { HostMemory } from './memory.js';
import type { Poison } from './poison.js';
import { asHalyardError, HostToken } from './token.js';
import { asBytes, copyBytes, packPlain } from './transfers.js';

/** What the queues of one device share. */
export interface QueueOwner {
  readonly memory: HostMemory;
  readonly poison: Poison;
  readonly isClosed: boolean;
  submitted(token: HostToken): void;
}

interface Work {
  readonly reads: readonly Span[];
  readonly writes: readonly Span[];
  /** What to wait for whether or not it fails. */
  readonly behind?: HostToken | undefined;
  perform(): unknown;
}

/** Work done by JavaScript in the order submitted, none of it before the call that submits it has returned. */
export class HostQueue implements Queue {
  readonly #owner: QueueOwner;
  #last: HostToken | undefined;

  constructor(owner: QueueOwner) {
    this.#owner = owner;
  }

  run(bound: Bound, after: readonly Token[] = []): Token {
    const token = this.#submit(after, () => this.#runWork(bound));
    if (bound instanceof HostBound) bound.last = token;
    return token;
  }

  pack(sources: readonly ConstantSource[], layout: string, to: Span, after: readonly Token[] = []): Token {
    return this.#submit(after, () => {
      const target = this.#bytes(to);
      return { reads: [], writes: [to], perform: () => packPlain(sources, layout, target) };
    });
  }

  copy(from: Span, to: Span, after: readonly Token[] = []): Token {
    return this.#submit(after, () => {
      const source = this.#bytes(from);
      const target = this.#bytes(to);
      return { reads: [from], writes: [to], perform: () => copyBytes(source, target) };
    });
  }

  fill(to: Span, byte: number, after: readonly Token[] = []): Token {
    return this.#submit(after, () => {
      const target = this.#bytes(to);
      return { reads: [], writes: [to], perform: () => target.fill(byte) };
    });
  }

  write(from: ArrayBufferView, to: Span, after: readonly Token[] = []): Token {
    return this.#submit(after, () => {
      const source = asBytes(from).slice();
      const target = this.#bytes(to);
      return { reads: [], writes: [to], perform: () => copyBytes(source, target) };
    });
  }

  read(from: Span, to: ArrayBufferView, after: readonly Token[] = []): Token {
    return this.#submit(after, () => {
      const source = this.#bytes(from);
      return { reads: [from], writes: [], perform: () => copyBytes(source, asBytes(to)) };
    });
  }

  #bytes(span: Span): Uint8Array {
    return this.#owner.memory.bytes(span);
  }

  #runWork(bound: Bound): Work {
    if (!(bound instanceof HostBound) || bound.executable.device !== this.#owner) throw foreign('bound executable');
    if (bound.isDisposed || bound.executable.isDisposed) throw disposed('executable');
    const { program, compute } = bound.executable;
    const spans = program.bindings.map(({ bytes }, index) => ({ ...bound.spans[index]!, bytes }));
    const bytes = spans.map((span) => this.#bytes(span));
    const workspace = this.#bytes(bound.workspace);
    const having = (...roles: string[]) => spans.filter((_, index) => roles.includes(program.bindings[index]!.role));
    return {
      reads: having('input', 'constant', 'state'),
      writes: having('output', 'state'),
      behind: bound.last,
      perform: () => compute(bytes, workspace),
    };
  }

  #submit(after: readonly Token[], prepare: () => Work): HostToken {
    let work: Work | HalyardError;
    try {
      if (this.#owner.isClosed) throw disposed('open device');
      work = prepare();
    } catch (thrown) {
      work = asHalyardError(thrown, 'Submitting work');
    }
    const token = new HostToken(this.#owner, this.#execute(this.#last, [...after], work));
    this.#last = token;
    this.#owner.submitted(token);
    return token;
  }

  async #execute(previous: HostToken | undefined, after: readonly Token[], work: Work | HalyardError) {
    await previous?.outcome;
    let failure = await this.#firstFailure(after);
    if (work instanceof HalyardError) return { error: work, nanoseconds: 0 };
    await work.behind?.outcome;
    const { poison } = this.#owner;
    for (const span of work.reads) failure ??= poison.find(span);
    const start = performance.now();
    if (!failure) {
      try {
        await work.perform();
      } catch (thrown) {
        failure = asHalyardError(thrown, 'The work');
      }
    }
    const nanoseconds = (performance.now() - start) * 1e6;
    for (const span of work.writes) {
      poison.clear(span);
      if (failure) poison.mark(span, failure);
    }
    return failure ? { error: failure, nanoseconds } : { nanoseconds };
  }

  async #firstFailure(after: readonly Token[]): Promise<HalyardError | undefined> {
    let failure: HalyardError | undefined;
    for (const token of after) {
      if (!(token instanceof HostToken) || token.device !== this.#owner) failure ??= foreign('token');
      else failure ??= (await token.outcome) ?? undefined;
    }
    return failure;
  }
}

function foreign(what: string): HalyardError {
  return new HalyardError('bad-argument', {
    found: `a ${what} of another device`,
    expected: `a ${what} of the device that the queue belongs to`,
    remedy: 'Wait for work on other devices before submitting what needs it.',
  });
}
