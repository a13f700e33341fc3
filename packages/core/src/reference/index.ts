/**
 * The oracle: a slow, exact interpreter of every step.
 *
 * @module
 */
export { type Column, createColumn, type Dense, elementCount, isBig, isFloat } from './column.js';
export { convert, convertValue, roundFloat } from './convert.js';
export { readType } from './elements.js';
export { evaluateExpression, type Value } from './expression.js';
export { evaluate, interpret, interpretInSlices } from './interpret.js';
export { type Memory, programMemory } from './memory.js';
export { loadOperand, readOperand, readView } from './operand.js';
export { philox4x32 } from './philox.js';
export { runStep } from './run-step.js';
export { erf, erfc } from './special-functions.js';
