/** Finds the first of several strings in a text that comes in pieces, and holds back what might become one. */
export class StopStrings {
  readonly #strings: readonly string[];
  #held = '';

  constructor(strings: readonly string[]) {
    this.#strings = strings.filter((string) => string !== '');
  }

  /** @returns the text that is safe to give out, and whether a stop string follows it */
  push(text: string): { readonly text: string; readonly stopped: boolean } {
    if (this.#strings.length === 0) return { text, stopped: false };
    const whole = this.#held + text;
    const found = this.#strings.map((string) => whole.indexOf(string)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.#held = '';
      return { text: whole.slice(0, Math.min(...found)), stopped: true };
    }
    const safe = whole.length - this.#unfinished(whole);
    this.#held = whole.slice(safe);
    return { text: whole.slice(0, safe), stopped: false };
  }

  /** What was held back, when no more text comes. */
  end(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** The length of the longest end of the text that a stop string begins with. */
  #unfinished(text: string): number {
    const longest = Math.max(...this.#strings.map((string) => string.length)) - 1;
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.#strings.some((string) => string.startsWith(end))) return length;
    }
    return 0;
  }
}
