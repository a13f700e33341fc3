import { cpuPlugin } from '@halyard/backend-cpu';
import { createContext, HalyardError } from '@halyard/core';
import type { LoadOptions } from '@halyard/models';

/** The CPU backend where it is built and its probe finds it usable, else the slow exact interpreter. */
export async function usableDevice(): Promise<Pick<LoadOptions, 'device' | 'backends'>> {
  const cpu = { device: 'cpu', backends: [cpuPlugin] };
  try {
    const context = await createContext(cpu);
    await context.destroy();
    return cpu;
  } catch (error) {
    if (error instanceof HalyardError && error.code === 'no-device') return { device: 'reference' };
    throw error;
  }
}
