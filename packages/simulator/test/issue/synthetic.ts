import type { InstructionTrace, TracedInstruction, WarpTrace } from '@halyard/simulator';

interface Event {
  readonly opcode: string;
  readonly class: TracedInstruction['class'];
  readonly defines?: readonly number[];
  readonly uses?: readonly number[];
  readonly multiplyAdds?: number;
  readonly bytes?: number;
  readonly sectors?: number;
  readonly multicasts?: number;
  readonly wavefronts?: number;
  readonly detail?: number;
}

export const fma = (define: number, ...uses: number[]): Event => ({
  opcode: 'fma.rn.f32',
  class: 'float32',
  defines: [define],
  uses,
});
export const loadGlobal = (define: number): Event => ({
  opcode: 'ld.global.v4.f32',
  class: 'loadGlobal',
  defines: [define],
  bytes: 16,
  sectors: 16,
});
export const loadShared = (define: number, wavefronts = 1): Event => ({
  opcode: 'ld.shared.f32',
  class: 'loadShared',
  defines: [define],
  bytes: 4,
  wavefronts,
});
export const storeShared = (use: number): Event => ({
  opcode: 'st.shared.f32',
  class: 'storeShared',
  uses: [use],
  bytes: 4,
  wavefronts: 1,
});
export const mma = (define: number, ...uses: number[]): Event => ({
  opcode: 'mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32',
  class: 'matrix',
  defines: [define],
  uses,
  multiplyAdds: 2048,
});
export const move = (define: number, use: number): Event => ({
  opcode: 'mov.b32',
  class: 'move',
  defines: [define],
  uses: [use],
});
export const barrier = (number = 0, threads = 0): Event => ({
  opcode: 'bar.sync',
  class: 'barrier',
  detail: number + 256 * threads,
});
export const copy: Event = { opcode: 'cp.async.cg.shared.global', class: 'copy', bytes: 16, sectors: 16 };
export const commit: Event = { opcode: 'cp.async.commit_group', class: 'copy' };
export const waitFor = (detail: number): Event => ({ opcode: 'cp.async.wait_group', class: 'barrier', detail });
/** A bulk copy of 4 KiB that counts for phase `phase` of the mbarrier at `8 * place`. */
export const fill = (place: number, phase: number): Event => ({
  opcode: 'cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes',
  class: 'copy',
  sectors: 128,
  detail: place + 2 ** 15 * phase,
});
export const arriveAt = (place: number, phase: number): Event => ({
  opcode: 'mbarrier.arrive.shared::cta.b64',
  class: 'barrier',
  detail: place + 2 ** 15 * phase,
});
export const arriveBehindCopies = (place: number, phase: number): Event => ({
  opcode: 'cp.async.mbarrier.arrive.noinc.shared::cta.b64',
  class: 'barrier',
  detail: place + 2 ** 15 * phase,
});
export const waitAt = (place: number, phase: number): Event => ({
  opcode: 'mbarrier.try_wait.parity.shared::cta.b64',
  class: 'barrier',
  detail: (place + 2 ** 15 * phase) >>> 0,
});
/** A warp's quarter of a product of 64 × 256 × 16. */
export const wgmma: Event = {
  opcode: 'wgmma.mma_async.sync.aligned.m64n256k16.f32.f16.f16',
  class: 'matrix',
  multiplyAdds: 16 * 256 * 16,
  wavefronts: 20,
};
export const commitProducts: Event = { opcode: 'wgmma.commit_group.sync.aligned', class: 'barrier' };
export const waitForProducts = (detail: number): Event => ({
  opcode: 'wgmma.wait_group.sync.aligned',
  class: 'barrier',
  detail,
});
export const branch: Event = { opcode: 'bra', class: 'control' };

/** The trace of one block whose warps do these events, each an instruction of its own. */
export function traceOf(...warps: readonly (readonly Event[])[]): InstructionTrace {
  const instructions: TracedInstruction[] = [];
  const traces = warps.map((events, warp): WarpTrace => {
    const first = instructions.length;
    for (const [i, { opcode, class: kind, defines, uses, bytes, multiplyAdds }] of events.entries()) {
      instructions.push({
        line: first + i + 1,
        opcode,
        class: kind,
        defines: defines ?? [],
        uses: uses ?? [],
        bytes: bytes ?? 0,
        multiplyAdds: multiplyAdds ?? 0,
        matrixType: 'float16',
      });
    }
    return {
      block: 0,
      warp,
      isComplete: true,
      instructions: events.map((_, i) => first + i),
      lanes: events.map(() => 32),
      sectors: events.map(({ sectors }) => sectors ?? 0),
      multicasts: events.map(({ multicasts }) => multicasts ?? 0),
      wavefronts: events.map(({ wavefronts }) => wavefronts ?? 0),
      details: events.map(({ detail }) => detail ?? 0),
    };
  });
  return { instructions, warps: traces };
}
