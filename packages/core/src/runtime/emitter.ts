/** Listeners by kind of event. What a listener throws is reported, and harms neither the others nor the sender. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** @returns what takes the listener off again */
  on<Kind extends keyof Events>(kind: Kind, listener: (event: Events[Kind]) => void): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(kind);
    };
  }

  /** Whether it is worth making an event at all. */
  hears(kind: keyof Events): boolean {
    return this.#listeners.has(kind);
  }

  emit<Kind extends keyof Events>(kind: Kind, event: Events[Kind]): void {
    const listeners = this.#listeners.get(kind);
    if (!listeners) return;
    for (const listener of [...listeners] as ((event: Events[Kind]) => void)[]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
