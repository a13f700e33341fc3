import { createContext, defaultPrecision, type MLContext, startCompileThread } from '@halyard/core';
import type { LoadOptions } from './load-options.js';

/** A context for a model: the caller's own, or one that is closed with the model. */
export interface OpenedContext {
  readonly context: MLContext;
  /** Name of the device: `cpu`, `cuda:0`. */
  readonly device: string;
  close(): Promise<void>;
}

/** @throws HalyardError `no-device`, `backend-failed`, or `bad-argument` */
export async function openContext(options: LoadOptions): Promise<OpenedContext> {
  const { context: given, device, threads, precision, fusion, backends, memoryBudget } = options;
  startCompileThread();
  const context =
    given ??
    (await createContext({
      ...(device !== undefined && { device }),
      ...(threads !== undefined && { deviceOptions: { threads } }),
      ...(precision !== undefined && { precision: { ...defaultPrecision, ...precision } }),
      ...(fusion !== undefined && { fusion }),
      ...(backends !== undefined && { backends }),
      ...(memoryBudget !== undefined && { memoryBudget }),
    }));
  return {
    context,
    device: context.adapter.id,
    close: async () => {
      if (given === undefined) await context.destroy();
    },
  };
}
