import { type Adapter, type Configuration, HalyardError, type Program, type Step } from '@halyard/core';
import { encodeProducts, type Handle, nativePromise } from '@halyard/native';
import {
  computeCapability,
  type DescribedProduct,
  describeProduct,
  type LibraryAnswer,
  productKernel,
} from '@halyard/simt';
import type { CudaAddon, ProductAnswer } from '../load-addon.js';
import { targetOf } from '../probe/adapter.js';
import type { ProductTrial } from './product-trial.js';
import type { ProductsOption } from './products-option.js';

/** As NVIDIA recommends for its library's workspace (cuBLAS Library, "cublasSetWorkspace"): 32 MiB from Hopper on, else 4. */
const workspaceBytes = (capability: number): number => (capability >= 90 ? 32 : 4) * 2 ** 20;

/**
 * Asks cuBLASLt about the matmul steps that it may do: all of them with the option `library` or `measured`, those for which
 * a tuning table says `{ kernel: 'cublaslt' }` unless told, and none with `own`.
 *
 * @param trial decides between both where they are to be measured
 * @returns a function that gives for each step what the library makes of it, or why it is left out; nothing for a step that
 *   it was not asked about
 */
export function productPlanner(
  addon: CudaAddon,
  adapter: Adapter,
  option: ProductsOption | undefined,
  trial: ProductTrial,
): (program: Program, tuning: readonly Configuration[], device: Handle) => Promise<(LibraryAnswer | undefined)[]> {
  const { cublasLt = 'not found', cublasLtPath } = adapter.versions;
  const mostBytes = workspaceBytes(computeCapability(targetOf(adapter)));
  return async (program, tuning, device) => {
    const wanted = trial.contestantOf(program) ?? option;
    const isAsked = (step: Step, { kernel }: Configuration = {}): boolean =>
      step.kind === 'matmul' && wanted !== 'own' && (wanted !== undefined || kernel === productKernel);
    const answers: (LibraryAnswer | undefined)[] = program.steps.map(() => undefined);
    const questions: { readonly at: number; readonly step: Step<'matmul'>; readonly described: DescribedProduct }[] =
      [];
    for (const [at, any] of program.steps.entries()) {
      if (!isAsked(any, tuning[at])) continue;
      const step = any as Step<'matmul'>;
      const described = cublasLtPath === undefined ? cublasLt : describeProduct(step, program.tensors, mostBytes);
      if (typeof described === 'string') answers[at] = { refusal: described };
      else questions.push({ at, step, described });
    }
    if (questions.length === 0) return answers;
    const found = await ask(addon, device, questions);
    const reason = wanted === undefined ? "the tuning table's choice" : `the option products: '${wanted}'`;
    for (const [index, { at, step, described }] of questions.entries()) {
      const answer = found[index]!;
      if ('refusal' in answer) answers[at] = answer;
      else {
        const product = { ...described.product, ...kept(answer) };
        const { tensors } = program;
        answers[at] =
          wanted === 'measured'
            ? await trial.decide({ step, tensors, configuration: tuning[at] ?? {}, product })
            : { product, reason };
      }
    }
    return answers;
  };
}

const kept = ({ workspaceBytes, algorithm }: Exclude<ProductAnswer, { refusal: string }>) => ({
  workspaceBytes,
  algorithm,
});

/** A library that was there when the device was probed and cannot be loaded now is a refusal of all. */
async function ask(
  addon: CudaAddon,
  device: Handle,
  questions: readonly { readonly described: DescribedProduct }[],
): Promise<readonly ProductAnswer[]> {
  const encoded = encodeProducts(questions.map(({ described }) => described.product));
  try {
    return await nativePromise(() => addon.planProducts(device, encoded));
  } catch (error) {
    if (!(error instanceof HalyardError) || !error.code.startsWith('cuda:cublaslt')) throw error;
    return questions.map(() => ({ refusal: error.details.found }));
  }
}
