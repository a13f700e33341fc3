/**
 * `import '@halyard/core/polyfill'` puts `navigator.ml` and the classes of the Web Neural Network API in place, for
 * clients that look for them there. What is already there stays.
 *
 * @module
 */
import { MLGraphBuilder, MLOperand } from './graph/index.js';
import { CompiledGraph, createContext, MLContext, type MLContextOptions, MLTensor } from './runtime/index.js';

/** @see https://www.w3.org/TR/webnn/#api-ml */
export class ML {
  createContext(options?: MLContextOptions): Promise<MLContext> {
    return createContext(options);
  }
}

function provide(target: object, name: string, value: unknown): void {
  if (name in target) return;
  Object.defineProperty(target, name, { value, configurable: true, enumerable: false, writable: true });
}

provide(globalThis, 'navigator', {});
provide((globalThis as unknown as { navigator: object }).navigator, 'ml', new ML());
for (const [name, value] of Object.entries({
  ML,
  MLContext,
  MLGraph: CompiledGraph,
  MLGraphBuilder,
  MLOperand,
  MLTensor,
})) {
  provide(globalThis, name, value);
}
