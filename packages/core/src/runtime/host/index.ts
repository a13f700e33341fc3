/** All of the host that core touches: files, processes, the environment. Nothing else in core imports a Node module. */
export { breathe } from './breathe.js';
export { collectGarbage } from './collect-garbage.js';
export { compileInThread, hasCompileThread, startCompileThread, tidyCompileThread } from './compile-in-thread.js';
export { applicationFolders, cachedText, cacheFolder, environmentVariable, nearestManifest } from './environment.js';
export { type ProbeOutcome, probeInChild } from './probe-process.js';
export { resolveModule } from './resolve.js';
export { unsetArrayBuffer } from './unset-array-buffer.js';
