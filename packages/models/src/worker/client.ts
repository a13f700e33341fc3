import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { HalyardError } from '@halyard/core';
import type { Failure, Response, WorkerMethods } from './protocol.js';

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The worker thread of one model. While nothing is asked of it, it does not keep the process alive. */
export class ModelWorker {
  readonly #worker = new Worker(entryFile(), { resourceLimits: { maxYoungGenerationSizeMb: 8 } });
  readonly #pending = new Map<number, Pending>();
  #last = 0;
  #ended: HalyardError | undefined;

  constructor() {
    this.#worker.unref();
    this.#worker.on('message', (response: Response) => this.#settle(response));
    this.#worker.on('error', (cause) => this.#end(`fails: ${cause.message}`, cause));
    this.#worker.on('exit', () => this.#end('is closed'));
  }

  /** @throws HalyardError what the method threw, or `destroyed` after {@link close} */
  call<Name extends keyof WorkerMethods>(
    method: Name,
    ...args: Parameters<WorkerMethods[Name]>
  ): Promise<ReturnType<WorkerMethods[Name]>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, method, arguments: args });
    });
  }

  /** Ends the thread; calls under way are rejected. */
  async close(): Promise<void> {
    this.#end('is closed');
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
    this.#ended ??= new HalyardError(
      'destroyed',
      {
        found: `The thread of the model's tokenizer ${what}`,
        expected: 'a model that is open',
        remedy: 'Load the model again',
      },
      cause === undefined ? undefined : { cause },
    );
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }
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
