import { pull } from '@halyard/models';

/** Whether tests of real models are left out, which happens only where whoever runs them asks for it. */
export const withoutModels = process.env.HALYARD_TEST_WITHOUT_MODELS === '1';

/**
 * A real model's path, fetched once into the user's cache.
 *
 * @returns an empty path where such tests are left out
 * @throws HalyardError `not-found` with what each source answered, and how to hand the model over
 */
export async function realModel(name: string): Promise<string> {
  return withoutModels ? '' : pull(name);
}
