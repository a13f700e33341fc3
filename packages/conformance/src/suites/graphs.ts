import { HalyardError } from '@halyard/core';
import { type GraphCase, generateGraph } from '../generate/graph.js';
import { compareResults, deviceResults, referenceResults } from '../graphs/judge.js';
import { planFor, programCase } from '../graphs/plan-case.js';
import type { TestHooks } from '../hooks.js';
import { type TestBench, throwAll } from '../session/bench.js';

/** Random graphs, compiled for the backend with and without fusion. */
export function graphSuite(bench: TestBench, { describe, it }: TestHooks): void {
  const { seed = 1, graphs = 60 } = bench.options;
  describe('graphs', () => {
    for (const fusion of ['on', 'off'] as const) {
      it(`compiled with fusion ${fusion} give what the reference gives for the unfused graph`, async () => {
        const failures: Error[] = [];
        for (let index = 0; index < graphs; index++) {
          const given = await generateGraph(seed * 10_000 + index);
          await judgeGraph(bench, given, fusion).catch((error: Error) => failures.push(error));
        }
        throwAll(failures, 'graphs');
      });
    }
  });
}

/** Runs a graph on the device under test, if it can do all of it. */
function judgeGraph(bench: TestBench, given: GraphCase, fusion: 'on' | 'off'): Promise<void> {
  return bench.share(async (session) => {
    const device = { adapter: session.adapter, supports: bench.plugin.supports };
    let programs: ReturnType<typeof planFor>['programs'];
    try {
      ({ programs } = planFor(given, device, fusion));
    } catch (error) {
      if (!(error instanceof HalyardError && error.code === 'unsupported')) throw error;
      bench.leave('graphs', 'step', error.details.found);
      return;
    }
    const [planned] = programs;
    if (!planned) return;
    const fused = programCase(given, planned);
    const found = deviceResults(fused.program, await session.run(fused));
    const expected = referenceResults(fused);
    compareResults(given, `fusion ${fusion}, against the same program`, found, expected);
    const unfused = programCase(given, planFor(given, device, 'off').programs[0]!);
    // A program may round in other places than another does: each has its own bounds.
    const withBounds = new Map(
      [...found].map(([name, { bytes }]) => [name, { bytes, bounds: expected.get(name)!.bounds }]),
    );
    compareResults(given, `fusion ${fusion}, against the unfused graph`, withBounds, referenceResults(unfused));
    bench.report.passed++;
  });
}
