export * from './contract/index.js';
export * as reference from './reference/index.js';
export { interpret } from './reference/index.js';
