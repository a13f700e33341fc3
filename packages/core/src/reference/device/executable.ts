import {
  type Bound,
  type Executable,
  HalyardError,
  type KernelChoice,
  type Packed,
  type Program,
  type Span,
} from '../../contract/index.js';
import type { Computation } from '../define-backend.js';
import type { HostToken } from './token.js';

/** A program and the function that runs it. */
export class HostExecutable implements Executable {
  readonly workspaceBytes = 0;
  readonly packed: readonly Packed[] = [];
  isDisposed = false;

  constructor(
    /** The device that it was compiled on. */
    readonly device: object,
    readonly backend: string,
    readonly program: Program,
    readonly compute: Computation,
  ) {}

  /** @throws HalyardError `bad-argument` for a binding that is missing or too small, `destroyed` after dispose */
  bind(spans: readonly (Span | undefined)[], _packed: readonly Span[], workspace: Span): Bound {
    if (this.isDisposed) throw disposed('executable');
    for (const [index, { bytes }] of this.program.bindings.entries())
      checkSpan(spans[index], bytes, `binding ${index}`);
    checkSpan(workspace, this.program.workspaceBytes, 'the workspace');
    return new HostBound(this, spans as readonly Span[], workspace);
  }

  explain(): readonly KernelChoice[] {
    return this.program.steps.map((_, step) => ({
      step,
      kernel: this.backend,
      configuration: {},
      reason: 'computes where JavaScript can reach, one step after another',
    }));
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

export class HostBound implements Bound {
  isDisposed = false;
  /** The last run, which the next one follows. */
  last: HostToken | undefined;
  #spans: readonly Span[];

  constructor(
    readonly executable: HostExecutable,
    spans: readonly Span[],
    readonly workspace: Span,
  ) {
    this.#spans = [...spans];
  }

  /** As they are now; a later rebind does not change what was submitted. */
  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** @throws HalyardError `bad-argument` for a binding that is not there or a span that is too small */
  rebind(binding: number, span: Span): void {
    checkSpan(span, this.executable.program.bindings[binding]?.bytes ?? Number.NaN, `binding ${binding}`);
    this.#spans = this.#spans.with(binding, span);
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

function checkSpan(span: Span | undefined, bytes: number, what: string): void {
  if (span && span.bytes >= bytes) return;
  throw new HalyardError('bad-argument', {
    found: `${what} with ${span ? `${span.bytes} bytes` : 'no span'}`,
    expected: Number.isNaN(bytes) ? 'a binding of the program' : `a span of at least ${bytes} bytes`,
    remedy: 'Hand over one span for each binding, in the order of the program.',
  });
}

export function disposed(what: string): HalyardError {
  return new HalyardError('destroyed', {
    found: `an ${what} that was disposed or closed`,
    expected: `an ${what} in use`,
    remedy: 'Submit all work before disposing of what it needs.',
  });
}
