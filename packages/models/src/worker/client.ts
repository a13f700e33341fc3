import type { HalyardError } from '@halyard/core';
import type { WorkerMethods } from './protocol.js';
import { destroyed, ModelThread } from './thread.js';

/** One model's part of the thread that all models share. */
export class ModelWorker {
  readonly #thread: ModelThread;
  readonly #model: number;
  readonly #rejects = new Set<(error: HalyardError) => void>();
  #closing: Promise<void> | undefined;

  constructor() {
    const { thread, model } = ModelThread.enter();
    this.#thread = thread;
    this.#model = model;
  }

  /** @throws HalyardError what the method threw, or `destroyed` after {@link close} */
  call<Name extends keyof WorkerMethods>(
    method: Name,
    ...args: Parameters<WorkerMethods[Name]>
  ): Promise<ReturnType<WorkerMethods[Name]>> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      const settled = () => this.#rejects.delete(reject);
      const answer = this.#thread.request(this.#model, method, args) as Promise<ReturnType<WorkerMethods[Name]>>;
      answer.finally(settled).then(resolve, reject);
    });
  }

  /** Gives back what the thread holds for the model; calls under way are rejected. */
  close(): Promise<void> {
    this.#closing ??= this.#thread.leave(this.#model);
    for (const reject of this.#rejects) reject(closed());
    return this.#closing;
  }
}

function closed(): HalyardError {
  return destroyed("The model's tokenizer is closed");
}
