import { ProgramBuilder, generateProgram as randomProgram } from '@halyard/conformance';
import { generateProgram, generateProgramInTurns } from '@halyard/simt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { targets } from './support/matrix-targets.js';
import { addMap, double, input, output, unaryCase } from './support/steps.js';

const target = targets.sm_80;

describe('a generated program', () => {
  it('is the same for the same program', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { program } = randomProgram(seed);
        expect(generateProgram(program, target, [])).toEqual(generateProgram(program, target, []));
      }),
      { numRuns: 20 },
    );
  });

  it('is the same when it is made in turns, between which the event loop goes on', async () => {
    const { program } = randomProgram(7, { steps: 200 });
    const whole = generateProgram(program, target, []);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const inTurns = await generateProgramInTurns(program, target, []);
    clearInterval(timer);
    expect(inTurns).toEqual(whole);
    expect(turns).toBeGreaterThan(0);
  });

  it('waits, launch for launch, for what its steps wait for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { program } = randomProgram(seed, { steps: 8 });
        const { launches } = generateProgram(program, target, []);
        const reached = launches.map(() => new Set<number>());
        for (const [index, { after }] of launches.entries()) {
          for (const earlier of after) {
            expect(earlier).toBeLessThan(index);
            reached[index]!.add(earlier);
            for (const other of reached[earlier]!) reached[index]!.add(other);
          }
        }
        for (const [index, launch] of launches.entries()) {
          for (const step of program.steps[launch.step]!.after) {
            for (const [earlier, { step: owner }] of launches.entries()) {
              if (owner === step) expect(reached[index]!.has(earlier)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('shares a kernel between steps that differ in nothing but their memory', () => {
    const builder = new ProgramBuilder();
    for (let i = 0; i < 5; i++)
      addMap(builder, [input(builder, 'float32', [64, 64])], output(builder, 'float32', [64, 64]), double);
    const { launches, modules } = generateProgram(builder.finish('five').program, target, []);
    expect(launches).toHaveLength(5);
    expect(new Set(launches.map(({ kernel }) => kernel)).size).toBe(1);
    expect(modules[0]!.source.match(/__global__/g)).toHaveLength(1);
  });

  it('has nothing to launch where there are no elements', () => {
    const builder = new ProgramBuilder();
    addMap(builder, [input(builder, 'float32', [3, 0])], output(builder, 'float32', [3, 0]), double);
    const generated = generateProgram(builder.finish('none').program, target, []);
    expect(generated.launches).toEqual([]);
    expect(generated.modules).toEqual([]);
    expect(generated.choices).toHaveLength(1);
  });

  it('splits a few long sums over blocks, with their parts in scratch memory', () => {
    const attributes = { combine: 'sum', axes: [1], accumulate: 'float32' } as const;
    const { program } = unaryCase('reduce', 'float32', [2, 1 << 20], [['float32', [2, 1]]], attributes);
    const generated = generateProgram(program, target, []);
    expect(generated.launches).toHaveLength(2);
    expect(generated.launches[1]!.after).toEqual([0]);
    expect(generated.launches[0]!.grid[1]).toBeGreaterThan(16);
    expect(generated.scratchBytes).toBeGreaterThan(0);
    const many = unaryCase('reduce', 'float32', [4096, 1024], [['float32', [4096, 1]]], attributes);
    expect(generateProgram(many.program, target, []).launches).toHaveLength(1);
  });

  it('gives steps that may run side by side scratch memory of their own, and others the same', () => {
    const attributes = { axis: 0, descending: true, count: 5000 };
    const sorts = (isChained: boolean) => {
      const builder = new ProgramBuilder();
      let x = input(builder, 'float32', [5000]);
      for (let i = 0; i < 3; i++) {
        const to = output(builder, 'float32', [5000]);
        builder.step({ kind: 'sort', inputs: [x], outputs: [to], attributes });
        x = isChained ? to : input(builder, 'float32', [5000]);
      }
      return generateProgram(builder.finish('sorts').program, target, []).scratchBytes;
    };
    expect(sorts(true)).toBe(65536);
    expect(sorts(false)).toBe(3 * 65536);
  });

  it('moves by words of 128 bits what lies side by side and aligned, and by elements what does not', () => {
    const width = (columns: number, offset: number) => {
      const builder = new ProgramBuilder();
      const wide = { ...input(builder, 'float32', [64, columns + offset]), shape: [64, columns], offset };
      addMap(builder, [wide], output(builder, 'float32', [64, columns]), double);
      return generateProgram(builder.finish('map').program, target, []).choices[0]!.configuration.width;
    };
    expect(width(128, 0)).toBe(4);
    expect(width(129, 0)).toBe(4);
    expect(width(126, 2)).toBe(2);
    expect(width(127, 1)).toBe(1);
  });

  it('ignores figures of the tuning table that would change results', () => {
    const builder = new ProgramBuilder();
    addMap(
      builder,
      [{ ...input(builder, 'float32', [8, 8]), shape: [8, 6] }],
      output(builder, 'float32', [8, 6]),
      double,
    );
    const { choices } = generateProgram(builder.finish('map').program, target, [{ width: 4, threads: 100, unroll: 3 }]);
    expect(choices[0]!.configuration).toEqual({ width: 2, threads: 256, unroll: 1 });
  });
});
