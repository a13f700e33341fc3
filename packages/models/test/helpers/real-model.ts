import { HalyardError } from '@halyard/core';
import { pull } from '@halyard/models';

/** A real model's path, fetched once into the user's cache; `undefined` on a machine that can reach none of its sources. */
export async function realModel(name: string): Promise<string | undefined> {
  try {
    return await pull(name);
  } catch (error) {
    if (error instanceof HalyardError && error.code === 'not-found') {
      console.warn(`Tests with ${name} are left out. ${error.message}`);
      return undefined;
    }
    throw error;
  }
}
