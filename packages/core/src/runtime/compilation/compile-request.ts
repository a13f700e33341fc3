import { compile } from '../../compiler/compile.js';
import type { Plan } from '../../compiler/plan.js';
import type { BackendPlugin } from '../../contract/index.js';
import { evaluate, referencePlugin } from '../../reference/index.js';
import { lookupTuning } from '../../tuning/index.js';
import type { CompileRequest } from './request.js';

const plugins = new Map<string, Promise<BackendPlugin>>([['reference', Promise.resolve(referencePlugin)]]);

/** Does what a request asks. */
export async function compileRequest({ graph, devices, fusion, precision }: CompileRequest): Promise<Plan> {
  const loaded = await Promise.all(
    devices.map(async ({ adapter, plugin }) => {
      const { supports } = await load(plugin);
      return { adapter, supports };
    }),
  );
  return compile(graph, { devices: loaded, fusion, precision, tuning: lookupTuning, evaluate });
}

function load(url: string): Promise<BackendPlugin> {
  let plugin = plugins.get(url);
  if (!plugin) {
    plugin = import(/* @vite-ignore */ url).then((module) => module.default as BackendPlugin);
    plugins.set(url, plugin);
  }
  return plugin;
}
