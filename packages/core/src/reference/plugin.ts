import type { StepKind } from '../contract/index.js';
import { defineBackend } from './define-backend.js';
import { interpretInSlices } from './interpret.js';
import { stepKinds } from './run-step.js';
import { runInSlices } from './slices.js';

/**
 * The reference interpreter as a backend. It is exact, slow, and always there; its score is 0, so that nothing chooses
 * it unless it is asked for.
 */
export const referencePlugin = defineBackend({
  name: 'reference',
  supports: (_adapter, step) =>
    stepKinds.includes(step.kind as StepKind) || { part: 'step', reason: `${step.kind} runs as its body's steps` },
  compile: (program) => (bindings, workspace) => runInSlices(interpretInSlices(program, bindings, workspace)),
});
