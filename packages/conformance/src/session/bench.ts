import type { Adapter, BackendPlugin, ProbeReport, Step, Support } from '@halyard/core';
import { interpretWithBounds } from '../bounds/interpret.js';
import { compareBindings, mismatchError } from '../compare.js';
import type { ProgramCase } from '../generate/program-builder.js';
import type { ConformanceReport, LeftToDo, TestOptions } from '../hooks.js';
import { Session } from './session.js';

/** The backend under test: probed once, and one session that most tests share. */
export class TestBench {
  readonly report: ConformanceReport = { passed: 0, leftToDo: [] };
  #probed: Promise<ProbeReport> | undefined;
  #shared: Promise<Session> | undefined;

  constructor(
    readonly plugin: BackendPlugin,
    readonly options: TestOptions,
  ) {}

  probe(): Promise<ProbeReport> {
    this.#probed ??= this.plugin.probe({ timeoutMs: this.options.timeoutMs ?? 10_000 });
    return this.#probed;
  }

  /**
   * The adapter to test; `undefined`, and noted as left to do, where there is none.
   *
   * @throws Error if there are some but none that proved itself
   */
  async adapter(): Promise<Adapter | undefined> {
    const { adapters, refusals } = await this.probe();
    const choose = this.options.choose ?? ((all) => all.find(({ proof }) => proof.ok));
    const adapter = choose(adapters);
    if (!adapter && adapters.length > 0) {
      const proofs = adapters.map(({ id, proof }) => `${id} (${proof.ok ? 'not chosen' : proof.detail})`);
      throw new Error(`Expected an adapter to test whose proof is ok, found ${proofs.join(', ')}.`);
    }
    if (!adapter) this.leave('a device', 'device', refusals.map(({ found }) => found).join('; ') || 'none was found');
    return adapter;
  }

  /** Runs a test on the shared session. */
  async share(test: (session: Session) => Promise<void>): Promise<void> {
    const adapter = await this.adapter();
    if (!adapter) return;
    this.#shared ??= Session.open(this.plugin, adapter, this.options.open);
    await test(await this.#shared);
  }

  /** Runs a test on a session of its own, which it may close. */
  async alone(test: (session: Session) => Promise<void>): Promise<void> {
    const adapter = await this.adapter();
    if (!adapter) return;
    const session = await Session.open(this.plugin, adapter, this.options.open);
    try {
      await test(session);
    } finally {
      await session.close();
    }
  }

  async closeShared(): Promise<void> {
    await (await this.#shared)?.close();
    this.#shared = undefined;
  }

  /** Runs a program on the device, where it supports all its steps, and checks what is in its bindings then. */
  async check(given: ProgramCase, look: (found: readonly Uint8Array[]) => void): Promise<void> {
    await this.share(async (session) => {
      if (!this.#isSupported(session.adapter, given)) return;
      look(await session.run(given));
      this.report.passed++;
    });
  }

  /**
   * Runs a program on the device and by the reference.
   *
   * @throws HalyardError with the worst element, if one is further off than its bound
   */
  async judge(given: ProgramCase): Promise<void> {
    await this.check(given, (found) => {
      const expected = given.data.map((bytes) => bytes.slice());
      const bounds = interpretWithBounds(given.program, expected);
      const mismatch = compareBindings(given.program, found, expected, bounds);
      if (mismatch) throw mismatchError(given.name, mismatch);
    });
  }

  /** Judges many, and fails with all that is wrong at once. */
  async judgeAll(given: Iterable<ProgramCase>): Promise<void> {
    const failures: Error[] = [];
    for (const one of given) {
      await this.judge(one).catch((error: Error) => failures.push(named(one.name, error)));
    }
    throwAll(failures, 'programs');
  }

  #isSupported(adapter: Adapter, { program }: ProgramCase): boolean {
    const refused = program.steps.flatMap((step) => {
      const support = supportOf(this.plugin, adapter, step, program.tensors);
      return support === true ? [] : [{ step, support }];
    });
    for (const { step, support } of refused) this.leave(step.kind, support.part, support.reason);
    return refused.length === 0;
  }

  leave(what: string, part: LeftToDo['part'], reason: string): void {
    const known = this.report.leftToDo.find(
      (item) => item.what === what && item.part === part && item.reason === reason,
    );
    if (known) known.count++;
    else this.report.leftToDo.push({ what, part, reason, count: 1 });
  }
}

function supportOf(
  plugin: BackendPlugin,
  adapter: Adapter,
  step: Step,
  tensors: Parameters<BackendPlugin['supports']>[2],
): Support {
  try {
    return plugin.supports(adapter, step, tensors);
  } catch (error) {
    throw new Error(`supports threw on a ${step.kind}: ${String(error)}`, { cause: error });
  }
}

/** Fails with all that went wrong at once. Of those that differ in numbers alone, the first is shown. */
export function throwAll(failures: readonly Error[], what: string): void {
  if (failures.length === 0) return;
  const alike = new Map<string, { readonly message: string; count: number }>();
  for (const { message } of failures) {
    const key = message.replace(/-?\d+(\.\d+)?(e[-+]?\d+)?|Infinity|NaN/g, '#');
    const known = alike.get(key);
    if (known) known.count++;
    else alike.set(key, { message, count: 1 });
  }
  const shown = [...alike.values()]
    .slice(0, 12)
    .map(({ message, count }) => (count > 1 ? `${count}× ${message}` : message));
  const rest = alike.size > shown.length ? [`… and ${alike.size - shown.length} of other sorts`] : [];
  throw new Error([`${failures.length} ${what} went wrong.`, ...shown, ...rest].join('\n'), { cause: failures[0] });
}

/** An error that says which program it is about. */
const named = (name: string, error: Error): Error =>
  error.message.startsWith(name) ? error : new Error(`${name}: ${error.message}`, { cause: error });
