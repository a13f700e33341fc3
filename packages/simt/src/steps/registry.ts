import type { StepKind } from '@halyard/core';
import { mapGenerator } from './map.js';
import type { StepGenerator } from './step-generator.js';

/** The generator of each kind that there is one for. */
export const generators: { readonly [Kind in StepKind]?: StepGenerator<Kind> } = {
  map: mapGenerator,
};
