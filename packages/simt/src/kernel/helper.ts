import type { Dialect } from '../dialect/index.js';

/** Device code that kernels share: one or more functions, printed once per module, behind what it requires. */
export interface Helper {
  readonly name: string;
  readonly requires?: readonly Helper[];
  readonly text: string | ((dialect: Dialect) => string);
}

/** The texts of all helpers and of what they require, each once, in an order that compiles. */
export function printHelpers(helpers: Iterable<Helper>, dialect: Dialect): string[] {
  const printed = new Set<Helper>();
  const texts: string[] = [];
  const visit = (helper: Helper): void => {
    if (printed.has(helper)) return;
    printed.add(helper);
    for (const required of helper.requires ?? []) visit(required);
    texts.push((typeof helper.text === 'string' ? helper.text : helper.text(dialect)).trim());
  };
  for (const helper of [...helpers].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(helper);
  return texts;
}
