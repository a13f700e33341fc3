import type { HalyardError } from './errors.js';
import type { Bound } from './executable.js';
import type { FilePart, Span } from './memory.js';

/**
 * Work in order. No call waits or throws: what fails gives a failed token. Errors travel along `after`, which names
 * tokens of this device alone; nothing that was submitted is cancelled.
 */
export interface Queue {
  run(bound: Bound, after?: readonly Token[]): Token;
  /** Brings constants into a layout that an executable named in `packed`; `plain` is the bytes as they are. */
  pack(sources: readonly ConstantSource[], layout: string, to: Span, after?: readonly Token[]): Token;
  /** `to` may be memory of another device that the adapter's `links` name. */
  copy(from: Span, to: Span, after?: readonly Token[]): Token;
  fill(to: Span, byte: number, after?: readonly Token[]): Token;
  /** `from` has been copied when the call returns. */
  write(from: ArrayBufferView, to: Span, after?: readonly Token[]): Token;
  /** `to` belongs to the queue until the token is done. */
  read(from: Span, to: ArrayBufferView, after?: readonly Token[]): Token;
}

/** A point in a queue's order. Memory freed under a token is used again only behind it. */
export interface Token {
  readonly isDone: boolean;
  /** Set once done, if the work or anything it waited for failed. */
  readonly error?: HalyardError | undefined;
  /** Resolves once done; rejects with `error`. */
  wait(): Promise<void>;
  /** How long the work took on the device, once done, where the device can tell. */
  readonly nanoseconds?: number | undefined;
}

/** Where the bytes of a constant come from: its parts, one after another. */
export interface ConstantSource {
  /** Equal fingerprints mean equal bytes. */
  readonly fingerprint: string;
  readonly parts: readonly (FilePart | { readonly data: Uint8Array })[];
}
