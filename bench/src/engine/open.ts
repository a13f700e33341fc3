import { fileURLToPath } from 'node:url';
import { peerPython } from '../peers.js';
import type { Engine, EngineName, EngineOptions } from './engine.js';
import { openRemote } from './remote.js';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Starts an engine in a process of its own. */
export async function openEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  if (name === 'ik_llama.cpp') {
    return openRemote(await peerPython(), [here('../../src/engine/ik_llama_driver.py')], options);
  }
  return openRemote(process.execPath, [here('./host.js'), name], options);
}
