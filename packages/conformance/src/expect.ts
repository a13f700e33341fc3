import { HalyardError, type Token } from '@halyard/core';

/** @throws Error saying what was expected, unless it holds */
export function expectThat(holds: boolean, expected: string, found?: unknown): asserts holds {
  if (!holds) throw new Error(`Expected ${expected}${found === undefined ? '' : `, found ${describeValue(found)}`}.`);
}

export function expectEqual(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [describeValue(found), describeValue(expected)];
  expectThat(left === right, `${what} to be ${right}`, found);
}

/** Waits for a token that has to fail with a HalyardError, and gives it. */
export async function expectFailed(token: Token, what: string): Promise<HalyardError> {
  let thrown: unknown;
  await token.wait().catch((error) => {
    thrown = error;
  });
  expectThat(thrown !== undefined, `${what} to fail`);
  expectThat(thrown instanceof HalyardError, `${what} to fail with a HalyardError`, thrown);
  expectThat(token.isDone, `the token of ${what} to be done`);
  expectEqual(token.error?.message, thrown.message, `the error that the token of ${what} holds`);
  return thrown;
}

/** A call that must not throw, whatever it is given. */
export function expectToken(submit: () => Token, what: string): Token {
  try {
    return submit();
  } catch (error) {
    throw new Error(`Expected ${what} to give a failed token; it threw ${String(error)}.`, { cause: error });
  }
}

function describeValue(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Uint8Array).join(', ')}]`;
  if (typeof value === 'object' && value !== null && !(value instanceof Error)) return JSON.stringify(value);
  return String(value);
}
