import type { StepKind } from '@halyard/core';
import { attentionGenerator } from '../attention/generate-attention.js';
import { matmulGenerator } from '../matmul/generate-matmul.js';
import { gatherGenerator } from './gather.js';
import { mapGenerator } from './map.js';
import { normalizeGenerator } from './normalize.js';
import { reduceGenerator } from './reduce.js';
import { scanGenerator } from './scan.js';
import { scatterGenerator } from './scatter.js';
import { sortGenerator } from './sort/sort.js';
import type { StepGenerator } from './step-generator.js';

/** The generator of each kind that there is one for. */
export const generators: { readonly [Kind in StepKind]?: StepGenerator<Kind> } = {
  map: mapGenerator,
  reduce: reduceGenerator,
  normalize: normalizeGenerator,
  gather: gatherGenerator,
  scatter: scatterGenerator,
  scan: scanGenerator,
  sort: sortGenerator,
  matmul: matmulGenerator,
  attention: attentionGenerator,
};
