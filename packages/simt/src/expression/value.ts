import type { DataType } from '@halyard/core';

/** A value as C++ code, of the C type that `valueNames` has for its data type. */
export interface Value {
  /** A name or a parenthesized expression without side effects. */
  readonly code: string;
  readonly type: DataType;
}
