import type { OperatorDeclaration } from '../declaration.js';
import { activationOperators } from './activation.js';
import { attentionOperators } from './attention.js';
import { binaryOperators } from './binary.js';
import { compositionOperators } from './composition.js';
import { indexingOperators } from './indexing.js';
import { layoutOperators } from './layout.js';
import { matmulOperators } from './matmul.js';
import { normalizationOperators } from './normalization.js';
import { quantizationOperators } from './quantization.js';
import { randomOperators } from './random.js';
import { reductionOperators } from './reduction.js';
import { stateOperators } from './state.js';
import { unaryOperators } from './unary.js';

/** Every operator there is. */
export const operatorDeclarations: readonly OperatorDeclaration[] = [
  ...unaryOperators,
  ...activationOperators,
  ...binaryOperators,
  ...quantizationOperators,
  ...reductionOperators,
  ...normalizationOperators,
  ...matmulOperators,
  ...layoutOperators,
  ...compositionOperators,
  ...indexingOperators,
  ...attentionOperators,
  ...randomOperators,
  ...stateOperators,
];
