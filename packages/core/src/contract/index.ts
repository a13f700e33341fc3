/**
 * The backend author's side of Halyard: everything that a backend implements or is handed, and nothing else. It
 * imports nothing from the rest of core.
 *
 * @module
 */
export * from './adapter.js';
export * from './device.js';
export * from './errors.js';
export * from './executable.js';
export * from './expression.js';
export * from './memory.js';
export * from './plugin.js';
export * from './program.js';
export * from './queue.js';
export * from './step.js';
export * from './tuning.js';
export * from './types.js';
export * from './version.js';
export * from './view.js';
