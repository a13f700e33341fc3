import type { StepKind } from '@halyard/core';
import { contested, contestedScatter, gatherCases, scatterCases } from '../cases/indexed.js';
import { attentionCases, matmulCases } from '../cases/products.js';
import { normalizeCases, reduceCases, scanCases, sortCases } from '../cases/reductions.js';
import { castCases, scalarCases } from '../cases/scalars.js';
import { viewCases } from '../cases/views.js';
import { expectThat } from '../expect.js';
import { elementTypes, type GenerateOptions, generateProgram } from '../generate/program.js';
import type { ProgramCase } from '../generate/program-builder.js';
import type { TestHooks } from '../hooks.js';
import type { TestBench } from '../session/bench.js';
import { asFloats } from './programs.js';

/** What is computed: each kind on cases written by hand and on random programs. */
export function stepSuite(bench: TestBench, { describe, it }: TestHooks): void {
  const judge = (cases: readonly ProgramCase[]) => () => bench.judgeAll(cases);
  const { seed = 1, programs = 60 } = bench.options;
  const random = (kind: StepKind) => () => judgeRandom(bench, programs, seed * 100_000, { kinds: [kind], steps: 1 });

  describe('map', () => {
    it('computes every scalar operator at its edges', judge(scalarCases()));
    it('casts every type to every other', judge(castCases()));
    it('reads and writes views of every sort', judge(viewCases()));
    it('computes random expressions', random('map'));
  });
  describe('reduce', () => {
    it('reduces edge cases', judge(reduceCases()));
    it('reduces at random', random('reduce'));
  });
  describe('normalize', () => {
    it('normalizes edge cases', judge(normalizeCases()));
    it('normalizes at random', random('normalize'));
  });
  describe('matmul', () => {
    it('multiplies every type and block format', judge(matmulCases()));
    it('multiplies at random', random('matmul'));
  });
  describe('attention', () => {
    it('attends to what lengths, starts, causality and masks leave', judge(attentionCases()));
    it('attends at random', random('attention'));
  });
  describe('gather', () => {
    it('gathers from the end, and clamps', judge(gatherCases()));
    it('gathers at random', random('gather'));
  });
  describe('scatter', () => {
    it('replaces and combines, drops and clamps', judge(scatterCases()));
    it('leaves one of the updates where several replace an element, and all else as it was', () =>
      bench.check(contestedScatter(), (found) => {
        const { rows, columns, updates } = contested;
        const table = asFloats(found.at(-1)!);
        for (const [at, value] of table.entries()) {
          const [row, column] = [Math.floor(at / columns), at % columns];
          const update = (value - column) / 1000 - 1;
          const isOne = Number.isInteger(update) && update >= 0 && update < updates && update % (rows - 1) === row;
          expectThat(row === rows - 1 ? value === 0 : isOne, `one of the updates at [${row}, ${column}]`, value);
        }
      }));
    it('scatters at random', random('scatter'));
  });
  describe('scan', () => {
    it('scans edge cases', judge(scanCases()));
    it('scans at random', random('scan'));
  });
  describe('sort', () => {
    it('sorts edge cases', judge(sortCases()));
    it('sorts at random', random('sort'));
  });
  describe('programs', () => {
    it('of several steps of all kinds are computed', () => judgeRandom(bench, programs * 3, seed * 1_000_000, {}));
  });
}

/** Random programs over the types that the adapter has. */
async function judgeRandom(bench: TestBench, count: number, seed: number, options: GenerateOptions): Promise<void> {
  const adapter = await bench.adapter();
  if (!adapter) return;
  const types = elementTypes.filter((type) => adapter.types.includes(type));
  await bench.judgeAll(
    Array.from({ length: count }, (_, index) => generateProgram(seed + index, { ...options, types })),
  );
}
