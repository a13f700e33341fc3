/**
 * The oracle: a slow, exact interpreter of every step.
 *
 * @module
 */
export { type Column, createColumn, type Dense, elementCount, isBig, isFloat } from './column.js';
export { convert, convertValue, roundFloat } from './convert.js';
export { type BackendDefinition, type Computation, defineBackend } from './define-backend.js';
export { readType } from './elements.js';
export { evaluateExpression, evaluateInstruction, type Value } from './expression.js';
export { evaluate, interpret, interpretInSlices } from './interpret.js';
export { type Memory, programMemory } from './memory.js';
export { loadOperand, readOperand, readView } from './operand.js';
export { philox4x32 } from './philox.js';
export { referencePlugin } from './plugin.js';
export { runStep, stepKinds, stepResults } from './run-step.js';
export { encodeBfloat16, encodeFloat16, exponentOf } from './small-floats.js';
export { erf, erfc } from './special-functions.js';
export { targetShape } from './store.js';
