export { interpretWithBounds } from './bounds/interpret.js';
export { compareBindings, type Mismatch, mismatchError } from './compare.js';
export { type GenerateOptions, generateProgram } from './generate/program.js';
export { ProgramBuilder, type ProgramCase, wholeView } from './generate/program-builder.js';
export { Random } from './generate/random.js';
export type { ConformanceReport, LeftToDo, TestHooks, TestOptions } from './hooks.js';
export { testBackend } from './test-backend.js';
export { operandRounding, scalarTolerances } from './tolerances.js';
