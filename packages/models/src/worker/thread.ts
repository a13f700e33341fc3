import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { HalyardError } from '@halyard/core';
import type { Failure, Request, Response } from './protocol.js';

/** Without a model it is kept for so long: who loads another soon finds it running. */
const idleMs = 10_000;

interface Pending {
  readonly model: number;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

let shared: ModelThread | undefined;

/** The thread that does everything about model files, for all models. While nothing is asked, it keeps no process alive. */
export class ModelThread {
  readonly #worker = new Worker(entryFile(), {
    name: 'halyard models',
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  readonly #pending = new Map<number, Pending>();
  readonly #models = new Set<number>();
  #lastRequest = 0;
  #lastModel = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #ended: HalyardError | undefined;

  private constructor() {
    this.#worker.unref();
    this.#worker.on('message', (response: Response) => this.#settle(response));
    this.#worker.on('error', (cause) => this.#end(`fails: ${cause.message}`, cause));
    this.#worker.on('exit', () => this.#end('has ended'));
  }

  /** Counts a model in. */
  static enter(): { readonly thread: ModelThread; readonly model: number } {
    shared ??= new ModelThread();
    const thread = shared;
    clearTimeout(thread.#idle);
    const model = ++thread.#lastModel;
    thread.#models.add(model);
    return { thread, model };
  }

  /** @throws HalyardError what the method threw, or `destroyed` if the thread is no more */
  request(model: number, method: Request['method'], args: readonly unknown[]): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { model, resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, model, method, arguments: args } satisfies Request);
    });
  }

  /** Counts a model out. Resolves once what the thread held for it is gone. */
  async leave(model: number): Promise<void> {
    if (!this.#models.delete(model) || this.#ended !== undefined) return;
    const isAsked = [...this.#pending.values()].some((pending) => pending.model === model);
    // What is under way for nobody is not waited for.
    if (isAsked && this.#models.size === 0) return this.#stop();
    await this.request(model, 'release', []).catch(() => {});
    if (this.#models.size > 0) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#stop(), idleMs);
    this.#idle.unref();
  }

  async #stop(): Promise<void> {
    this.#end('has ended');
    await this.#worker.terminate();
  }

  #settle(response: Response): void {
    const pending = this.#pending.get(response.id);
    this.#pending.delete(response.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if ('failure' in response) pending?.reject(toError(response.failure));
    else pending?.resolve(response.result);
  }

  #end(what: string, cause?: unknown): void {
    clearTimeout(this.#idle);
    if (shared === this) shared = undefined;
    this.#ended ??= destroyed(`The thread of the models ${what}`, cause);
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }
}

export function destroyed(found: string, cause?: unknown): HalyardError {
  const details = { found, expected: 'a model that is open', remedy: 'Load the model again' };
  return new HalyardError('destroyed', details, cause === undefined ? undefined : { cause });
}

/** Beside this file once it is compiled; run from the sources, by a test, the compiled one is taken. */
function entryFile(): URL {
  const beside = new URL('./entry.js', import.meta.url);
  return existsSync(fileURLToPath(beside)) ? beside : new URL('../../dist/worker/entry.js', import.meta.url);
}

function toError(failure: Failure): Error {
  if ('code' in failure) return new HalyardError(failure.code, failure.details);
  const error = new Error(failure.message);
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}
