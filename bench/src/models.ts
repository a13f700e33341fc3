import { pull } from '@halyard/models';

/** The path of a model: the one given, or the built-in one, fetched if need be. */
export async function obtainModel(alias: 'smollm2' | 'minilm', given?: string): Promise<string> {
  return given ?? pull(alias);
}
