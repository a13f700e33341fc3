import { HalyardError, type Token } from '@halyard/core';
import type { Handle, NativeAddon } from './addon.js';
import { fromNativeError } from './native-error.js';

/** A token whose state lives in the addon. */
export class NativeToken implements Token {
  readonly addon: NativeAddon;
  readonly handle: Handle;
  #done = false;
  #error: HalyardError | undefined;

  constructor(addon: NativeAddon, handle: Handle) {
    this.addon = addon;
    this.handle = handle;
  }

  get isDone(): boolean {
    if (this.#done) return true;
    const state = this.addon.tokenState(this.handle);
    if (state === 0) return false;
    this.#done = true;
    if (state === 2) this.#error = fromNativeError(this.addon.tokenError(this.handle));
    return true;
  }

  get error(): HalyardError | undefined {
    return this.isDone ? this.#error : undefined;
  }

  get nanoseconds(): number | undefined {
    return this.isDone ? this.addon.tokenNanoseconds(this.handle) : undefined;
  }

  async wait(): Promise<void> {
    if (!this.isDone) {
      try {
        const settled = this.addon.tokenWait(this.handle);
        if (settled) await settled;
      } catch (error) {
        // Its state says the same.
        if (!this.isDone) throw fromNativeError(error);
      }
    }
    const error = this.error;
    if (error !== undefined) throw error;
  }
}

/** A token for work that could not even be submitted. */
export class FailedToken implements Token {
  readonly isDone = true;

  constructor(readonly error: HalyardError) {}

  wait(): Promise<void> {
    return Promise.reject(this.error);
  }
}

/**
 * The native handles of tokens to wait for, of any devices of an addon's.
 *
 * @throws HalyardError the error of a token that has failed without ever reaching a queue, `bad-argument` for a token
 * of another addon
 */
export function handlesOf(addon: NativeAddon, tokens: readonly Token[] | undefined): Handle[] | undefined {
  if (tokens === undefined || tokens.length === 0) return undefined;
  const handles: Handle[] = [];
  for (const token of tokens) {
    if (token instanceof NativeToken && token.addon === addon) handles.push(token.handle);
    else if (token.isDone && token.error !== undefined) throw token.error;
    else if (!token.isDone)
      throw new HalyardError('bad-argument', {
        found: 'a token of another backend in after',
        expected: 'tokens of this device',
        remedy: 'Wait for the other token first.',
      });
  }
  return handles;
}
