import { type Bound, type ConstantSource, HalyardError, type Queue, type Span, type Token } from '@halyard/core';
import type { Handle, NativeAddon } from './addon.js';
import { fromNativeError } from './native-error.js';
import { NativeBound } from './native-executable.js';
import { regionHandle } from './native-memory.js';
import { FailedToken, handlesOf, NativeToken } from './native-token.js';

/** A queue that lives in the addon; every method is one native call. */
export class NativeQueue implements Queue {
  readonly #addon: NativeAddon;
  readonly #handle: Handle | undefined;
  /** Arrays that native code reads or writes until their token is done. */
  readonly #held: { readonly token: NativeToken; readonly arrays: readonly ArrayBufferView[] }[] = [];

  constructor(addon: NativeAddon, handle: Handle | undefined) {
    this.#addon = addon;
    this.#handle = handle;
  }

  run(bound: Bound, after?: readonly Token[]): Token {
    return this.#submit((queue) => {
      if (!(bound instanceof NativeBound) || bound.addon !== this.#addon) throw foreign('a bound executable');
      return this.#addon.run(queue, bound.handle, handlesOf(this.#addon, after));
    });
  }

  pack(sources: readonly ConstantSource[], layout: string, to: Span, after?: readonly Token[]): Token {
    const arrays: Uint8Array[] = [];
    const parts = sources.map((source) =>
      source.parts.map((part) => {
        if (!('data' in part)) return { path: part.path, offset: part.offset, bytes: part.bytes };
        arrays.push(part.data);
        return part.data;
      }),
    );
    return this.#submit(
      (queue) =>
        this.#addon.pack(
          queue,
          parts,
          layout,
          regionHandle(this.#addon, to.region),
          to.offset,
          to.bytes,
          handlesOf(this.#addon, after),
        ),
      arrays,
    );
  }

  copy(from: Span, to: Span, after?: readonly Token[]): Token {
    return this.#submit((queue) => {
      if (from.bytes !== to.bytes) throw sizesDiffer(from.bytes, to.bytes);
      return this.#addon.copy(
        queue,
        regionHandle(this.#addon, from.region),
        from.offset,
        from.bytes,
        regionHandle(this.#addon, to.region),
        to.offset,
        to.bytes,
        handlesOf(this.#addon, after),
      );
    });
  }

  fill(to: Span, byte: number, after?: readonly Token[]): Token {
    return this.#submit((queue) =>
      this.#addon.fill(
        queue,
        regionHandle(this.#addon, to.region),
        to.offset,
        to.bytes,
        byte,
        handlesOf(this.#addon, after),
      ),
    );
  }

  write(from: ArrayBufferView, to: Span, after?: readonly Token[]): Token {
    return this.#submit((queue) => {
      if (from.byteLength !== to.bytes) throw sizesDiffer(from.byteLength, to.bytes);
      return this.#addon.write(
        queue,
        bytesOf(from),
        regionHandle(this.#addon, to.region),
        to.offset,
        to.bytes,
        handlesOf(this.#addon, after),
      );
    });
  }

  read(from: Span, to: ArrayBufferView, after?: readonly Token[]): Token {
    return this.#submit(
      (queue) => {
        if (from.bytes !== to.byteLength) throw sizesDiffer(from.bytes, to.byteLength);
        return this.#addon.read(
          queue,
          regionHandle(this.#addon, from.region),
          from.offset,
          from.bytes,
          bytesOf(to),
          handlesOf(this.#addon, after),
        );
      },
      [to],
    );
  }

  #submit(call: (queue: Handle) => Handle, arrays: readonly ArrayBufferView[] = []): Token {
    while (this.#held.length > 0 && this.#held[0]!.token.isDone) this.#held.shift();
    try {
      if (this.#handle === undefined) throw closed();
      const token = new NativeToken(this.#addon, call(this.#handle));
      if (arrays.length > 0) this.#held.push({ token, arrays });
      return token;
    } catch (error) {
      return new FailedToken(fromNativeError(error));
    }
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function closed(): HalyardError {
  return new HalyardError('destroyed', {
    found: 'work for a device that is closed',
    expected: 'an open device',
    remedy: 'Create a new context.',
  });
}

function foreign(what: string): HalyardError {
  return new HalyardError('bad-argument', {
    found: `${what} of another backend`,
    expected: `${what} that this device made`,
    remedy: 'Use it with the device that it came from.',
  });
}

function sizesDiffer(from: number, to: number): HalyardError {
  return new HalyardError('bad-argument', {
    found: `${from} bytes to be brought to ${to} bytes`,
    expected: 'equal sizes',
    remedy: 'Correct the span.',
  });
}
