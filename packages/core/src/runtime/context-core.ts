import { compile } from '../compiler/compile.js';
import type { Plan } from '../compiler/plan.js';
import { defaultPrecision, type PrecisionPolicy } from '../compiler/precision.js';
import { HalyardError } from '../contract/index.js';
import type { Graph } from '../graph/graph.js';
import { evaluate } from '../reference/index.js';
import { lookupTuning, type TuningLookup } from '../tuning/index.js';
import { withContents, withoutContents } from './compilation/request.js';
import type { DeviceSession } from './device/session.js';
import { destroyed, lost } from './errors.js';
import { GraphRuntime } from './graph/graph-runtime.js';
import { Signature } from './graph/signature.js';
import { breathe, compileInThread, hasCompileThread, tidyCompileThread } from './host/index.js';
import type { Telemetry } from './telemetry.js';
import type { TensorMemory } from './tensor.js';

export interface CompileSettings {
  readonly fusion?: 'on' | 'off' | undefined;
  readonly precision?: PrecisionPolicy | undefined;
  /** Which configuration a step gets. The tables of the house and the user's own unless said. */
  readonly tuning?: TuningLookup | undefined;
}

/** Compiling so many takes a few milliseconds, which is less than reaching a thread. */
const mostOperatorsHere = 16;

/** What a context consists of, without the object that the user holds. */
export class ContextCore {
  readonly lost: Promise<{ readonly message: string }>;
  /** Why it can no longer be used. */
  closed: HalyardError | undefined;
  readonly #graphs = new Set<GraphRuntime>();
  readonly #settings: CompileSettings;
  #resolveLost!: (info: { readonly message: string }) => void;
  #closing: Promise<void> | undefined;
  /** Set while a plan over several devices is being submitted: everything else waits for its turn. */
  #turn: Promise<unknown> | undefined;
  #nextGraph = 0;

  constructor(
    readonly sessions: readonly DeviceSession[],
    readonly telemetry: Telemetry,
    settings: CompileSettings,
  ) {
    this.#settings = settings;
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    for (const { device } of sessions) void device.lost.then(({ reason }) => this.#lose(reason));
  }

  /** The device that holds the tensors. */
  get primary(): DeviceSession {
    return this.sessions[0]!;
  }

  get isBusy(): boolean {
    return this.#turn !== undefined;
  }

  readonly ownsMemory = (memory: TensorMemory): boolean => memory.session === this.primary;

  owns(graph: GraphRuntime): boolean {
    return graph.isDestroyed || this.#graphs.has(graph);
  }

  /** @throws HalyardError `destroyed` or `device-lost` */
  requireOpen(): void {
    if (this.closed) throw this.closed;
  }

  /** Does something behind all that was put in turn before. */
  inTurn<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const turn = (this.#turn ?? Promise.resolve()).then(work);
    const settled = turn
      .catch(() => {})
      .then(() => {
        if (this.#turn === settled) this.#turn = undefined;
      });
    this.#turn = settled;
    return turn;
  }

  async compile(graph: Graph): Promise<GraphRuntime> {
    return this.load(await this.#plan(graph), Signature.of(graph));
  }

  async load(plan: Plan, signature: Signature): Promise<GraphRuntime> {
    const start = performance.now();
    const id = this.#nextGraph++;
    const forget = () => this.#graphs.delete(runtime);
    const runtime = await GraphRuntime.create(id, this.sessions, plan, signature, this.telemetry, forget);
    this.#graphs.add(runtime);
    if (this.closed) {
      runtime.destroy();
      throw this.closed;
    }
    this.telemetry.counters.graphs++;
    const steps = plan.programs.reduce((sum, { program }) => sum + program.steps.length, 0);
    this.telemetry.emit('compile', { graph: id, steps, milliseconds: performance.now() - start });
    return runtime;
  }

  aborted(signal: AbortSignal): HalyardError {
    return new HalyardError(
      'aborted',
      {
        found: `The signal was aborted: ${String(signal.reason)}`,
        expected: 'a signal that is not',
        remedy: 'Dispatch again with another signal.',
      },
      { cause: signal.reason },
    );
  }

  async settled(): Promise<void> {
    await this.#turn;
    await Promise.allSettled(this.sessions.flatMap((session) => session.inFlight().map((token) => token.wait())));
  }

  close(message: string): Promise<void> {
    this.closed ??= destroyed('The context');
    this.#closing ??= this.#close(message);
    return this.#closing;
  }

  /** Small graphs here, larger ones in a thread, where that can find the plugins and the tuning. */
  async #plan(graph: Graph): Promise<Plan> {
    const { fusion = 'on', precision = defaultPrecision, tuning } = this.#settings;
    const modules = this.sessions.flatMap(({ module }) => module ?? []);
    const canGo = hasCompileThread && !tuning && modules.length === this.sessions.length;
    if (canGo && graph.operators.length > mostOperatorsHere) {
      const devices = this.sessions.map(({ adapter, module }) => ({ adapter, plugin: module! }));
      await breathe();
      const plan = await compileInThread({ graph: withoutContents(graph), devices, fusion, precision });
      await breathe();
      return withContents(plan, graph);
    }
    const devices = this.sessions.map(({ adapter, plugin }) => ({
      adapter,
      supports: (...question: Parameters<typeof plugin.supports>) => plugin.supports(...question),
    }));
    return compile(graph, { devices, fusion, precision, tuning: tuning ?? lookupTuning, evaluate });
  }

  async #close(message: string): Promise<void> {
    await this.settled();
    for (const graph of this.#graphs) graph.destroy();
    // Devices come last: closing one gives back what the allocator holds, also for the thread.
    await tidyCompileThread();
    await Promise.allSettled(this.sessions.map((session) => session.close()));
    this.#resolveLost({ message });
  }

  #lose(reason: string): void {
    this.closed ??= lost(reason);
    this.telemetry.emit('lost', { message: reason });
    this.#resolveLost({ message: reason });
  }
}
