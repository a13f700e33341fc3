import type { Step } from './step.js';
import type { Type } from './types.js';
import type { Version } from './version.js';

/** What is to be computed: one device, one queue, static shapes. Plain data, serializable and diffable. */
export interface Program {
  /** The lowest contract that covers what is in it. */
  readonly version: Version;
  /** Distinct bindings never overlap in memory. */
  readonly bindings: readonly Binding[];
  readonly tensors: readonly Tensor[];
  /** In an order that may be run as it stands; `after` says which of them really depend on each other. */
  readonly steps: readonly Step[];
  readonly workspaceBytes: number;
}

/** Memory that is handed to a program. A state is read and written, and lives on. */
export type Binding =
  | { readonly role: 'input' | 'output' | 'state'; readonly name: string; readonly bytes: number }
  | { readonly role: 'constant'; readonly fingerprint: string; readonly bytes: number };

/** A dense, row-major tensor in memory. Steps read and write it through views. */
export interface Tensor {
  readonly type: Type;
  readonly shape: readonly number[];
  /** `none`: inside a composite's body. */
  readonly at: { readonly binding: number } | 'workspace' | 'none';
  /** Bytes from the start of the binding or workspace. */
  readonly offset: number;
  readonly label?: string;
}
