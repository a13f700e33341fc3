import { createContext, HalyardError } from '@halyard/core';

/** `cpu` where that backend is built and its probe finds it usable, else `reference`. */
export async function usableDevice(): Promise<'cpu' | 'reference'> {
  try {
    const context = await createContext({ device: 'cpu' });
    await context.destroy();
    return 'cpu';
  } catch (error) {
    if (error instanceof HalyardError && error.code === 'no-device') return 'reference';
    throw error;
  }
}
