/**
 * Prints expressions, operands and targets as device code. A kernel of any kind reads what it computes from with
 * {@link operandValue} or {@link operandLanes} and hands its results to {@link storeResults} or {@link storeLanes}.
 *
 * @module
 */
export { elementAlignment, elementAt, isNear } from './address.js';
export { convert, decode, storedCode, widen } from './convert.js';
export {
  computedTypes,
  floatLiteral,
  isBlockType,
  isFloat,
  isPacked,
  literal,
  readableTypes,
  readType,
  storedNames,
  valueNames,
} from './data-types.js';
export { evaluateBody, evaluateLanes } from './evaluate.js';
export { blockElements } from './functions/blocks.js';
export * from './functions/numeric.js';
export * from './functions/small-floats.js';
export { words } from './functions/words.js';
export { loadElement, loadLanes, wordFor } from './load.js';
export { operandLanes, operandValue } from './operand.js';
export { at, type Lanes, laneCoordinates, laneValue, type Place, uniform } from './place.js';
export { storeLanes, storeResults, storeTarget } from './store.js';
export type { Value } from './value.js';
