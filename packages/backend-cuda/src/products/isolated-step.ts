import { byteLength, type Operand, type Program, type Step, type Tensor, type View } from '@halyard/core';

/** Of bindings; where a tensor begins beyond a multiple of it is kept, since kernels depend on that. */
const alignment = 256;

/**
 * A program that does one matmul step of another program over and over, each behind the one before, on bindings of its own.
 */
export function isolatedStep(
  step: Step<'matmul'>,
  tensors: readonly Tensor[],
  count: number,
): { readonly program: Program; readonly spanBytes: readonly number[] } {
  const used: Tensor[] = [];
  const places = new Map<number, number>();
  const written = new Set(step.outputs.map(({ tensor }) => tensor));
  const move = <Kind extends View>(view: Kind): Kind => {
    let place = places.get(view.tensor);
    if (place === undefined) {
      place = used.length;
      places.set(view.tensor, place);
      const tensor = tensors[view.tensor]!;
      used.push({ ...tensor, at: { binding: place }, offset: tensor.offset % alignment });
    }
    return { ...view, tensor: place };
  };
  const moved: Step<'matmul'> = {
    ...step,
    inputs: step.inputs.map((operand) => operand && move(operand as Operand)),
    outputs: step.outputs.map(move),
    ...(step.epilogue && { epilogue: { ...step.epilogue, inputs: step.epilogue.inputs.map(move) } }),
  };
  const isWritten = new Set([...written].map((tensor) => places.get(tensor)));
  const spanBytes = used.map(({ type, shape, offset }) => offset + byteLength(type, shape));
  return {
    program: {
      version: { major: 1, minor: 0 },
      bindings: used.map((_, at) => ({
        role: isWritten.has(at) ? ('output' as const) : ('input' as const),
        name: `tensor${at}`,
        bytes: spanBytes[at]!,
      })),
      tensors: used,
      steps: Array.from({ length: count }, (_, at) => ({ ...moved, after: at === 0 ? [] : [at - 1] })),
      workspaceBytes: 0,
    },
    spanBytes,
  };
}
