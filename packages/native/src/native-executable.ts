import type { Bound, Executable, KernelChoice, Packed, Span } from '@halyard/core';
import type { Handle, NativeAddon, NativeExecutable as NativeExecutableData } from './addon.js';
import { native } from './native-error.js';
import { regionHandle } from './native-memory.js';

/** A program that an addon compiled. */
export class NativeExecutable implements Executable {
  readonly workspaceBytes: number;
  readonly packed: readonly Packed[];
  readonly #addon: NativeAddon;
  readonly #data: NativeExecutableData;

  readonly #choices: readonly KernelChoice[];

  /** @param choices of the kernels, if it was not the addon that chose them */
  constructor(addon: NativeAddon, data: NativeExecutableData, choices: readonly KernelChoice[] = data.choices) {
    this.#choices = choices;
    this.#addon = addon;
    this.#data = data;
    this.workspaceBytes = data.workspaceBytes;
    this.packed = data.packed;
  }

  bind(spans: readonly (Span | undefined)[], packed: readonly Span[], workspace: Span): Bound {
    return native(
      () =>
        new NativeBound(
          this.#addon,
          this.#addon.bind(
            this.#data.handle,
            spans.map((span) => span && regionHandle(this.#addon, span.region)),
            extentsOf(spans),
            packed.map((span) => regionHandle(this.#addon, span.region)),
            extentsOf(packed),
            [regionHandle(this.#addon, workspace.region)],
            extentsOf([workspace]),
          ),
        ),
    );
  }

  explain(): readonly KernelChoice[] {
    return this.#choices;
  }

  dispose(): void {
    this.#addon.disposeExecutable(this.#data.handle);
  }
}

export class NativeBound implements Bound {
  readonly addon: NativeAddon;
  readonly handle: Handle;

  constructor(addon: NativeAddon, handle: Handle) {
    this.addon = addon;
    this.handle = handle;
  }

  /** Counts for runs submitted from now on. */
  rebind(binding: number, span: Span): void {
    native(() =>
      this.addon.rebind(this.handle, binding, regionHandle(this.addon, span.region), span.offset, span.bytes),
    );
  }

  dispose(): void {
    this.addon.disposeBound(this.handle);
  }
}

/** Offsets and sizes in turn. */
function extentsOf(spans: readonly (Span | undefined)[]): Float64Array {
  const extents = new Float64Array(spans.length * 2);
  spans.forEach((span, index) => {
    extents[index * 2] = span?.offset ?? 0;
    extents[index * 2 + 1] = span?.bytes ?? 0;
  });
  return extents;
}
