import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * What `build` makes, for tests that start it in processes or threads of their own.
 *
 * @param file its `file:` URL
 * @returns the same
 * @throws Error if it is not there: a test that were left out would say nothing
 */
export function built(file: URL): URL {
  if (existsSync(file)) return file;
  throw new Error(`${fileURLToPath(file)} is not built. Run: npx --yes pnpm@10.34.8 build`);
}
