import { HalyardError } from '@halyard/core';
import { type GraphCase, generateGraph } from '../generate/graph.js';
import { compareResults, deviceResults, type Results, referenceResults } from '../graphs/judge.js';
import { planFor, programCase } from '../graphs/plan-case.js';
import type { TestHooks } from '../hooks.js';
import { type TestBench, throwAll } from '../session/bench.js';
import type { Session } from '../session/session.js';

/** Graphs of one test, so that none takes long however many are asked for. */
const graphsPerTest = 250;

/** Random graphs, compiled for the backend with and without fusion. */
export function graphSuite(bench: TestBench, { describe, it }: TestHooks): void {
  const { seed = 1, graphs = 60 } = bench.options;
  describe('graphs', () => {
    for (let first = 0; first < graphs; first += graphsPerTest) {
      const last = Math.min(first + graphsPerTest, graphs);
      it(`${first} to ${last - 1} give what the reference gives, fused and unfused`, async () => {
        const failures: Error[] = [];
        for (let index = first; index < last; index++) {
          const given = await generateGraph(seed * 10_000 + index);
          await bench
            .share((session) => judgeGraph(bench, session, given))
            .catch((error: Error) => failures.push(error));
        }
        throwAll(failures, 'graphs');
      });
    }
  });
}

/** What a device made of a graph, and what the reference makes of the same program. */
interface Judged {
  readonly found: Results;
  readonly expected: Results;
}

/** Runs a graph on the device under test both ways, as far as it can do it. */
async function judgeGraph(bench: TestBench, session: Session, given: GraphCase): Promise<void> {
  const unfused = await runGraph(bench, session, given, 'off');
  const fused = await runGraph(bench, session, given, 'on');
  if (!fused || !unfused) return;
  // A program may round in other places than another does: each has its own bounds.
  const withBounds = new Map(
    [...fused.found].map(([name, { bytes }]) => [name, { bytes, bounds: fused.expected.get(name)!.bounds }]),
  );
  compareResults(given, 'fused, against the unfused graph', withBounds, unfused.expected);
  bench.report.passed++;
}

/** Nothing if the device cannot do all of the graph, or there is nothing to do. */
async function runGraph(
  bench: TestBench,
  session: Session,
  given: GraphCase,
  fusion: 'on' | 'off',
): Promise<Judged | undefined> {
  let programs: ReturnType<typeof planFor>['programs'];
  try {
    ({ programs } = planFor(given, { adapter: session.adapter, supports: bench.plugin.supports }, fusion));
  } catch (error) {
    if (!(error instanceof HalyardError && error.code === 'unsupported')) throw error;
    bench.leave('graphs', 'step', error.details.found);
    return undefined;
  }
  const [planned] = programs;
  if (!planned) return undefined;
  const runnable = programCase(given, planned);
  const found = deviceResults(runnable.program, await session.run(runnable));
  const expected = referenceResults(runnable);
  compareResults(given, `fusion ${fusion}, against the same program`, found, expected);
  return { found, expected };
}
