import type { BackendPlugin } from '@halyard/core';
import type { ConformanceReport, TestHooks, TestOptions } from './hooks.js';
import { TestBench } from './session/bench.js';
import { bindingSuite } from './suites/binding.js';
import { constantSuite } from './suites/constants.js';
import { failureSuite } from './suites/failures.js';
import { graphSuite } from './suites/graphs.js';
import { lifecycleSuite } from './suites/lifecycle.js';
import { memorySuite } from './suites/memory.js';
import { probingSuite } from './suites/probing.js';
import { queueSuite } from './suites/queues.js';
import { stepSuite } from './suites/steps.js';

/**
 * The suite that every backend has to pass, ours or a stranger's: probing, opening and closing, memory, queues,
 * failures, constants, executables, every kind of step against the reference interpreter within the bounds of
 * `tolerances.ts`, and whole graphs, fused and unfused.
 *
 * What `supports` refuses is not failed but listed as left to do. Where no adapter is at hand, probing alone is tested.
 *
 * @param hooks of the test runner: `testBackend(plugin, { describe, it })`
 * @returns what the suite finds, complete once its tests have run
 */
export function testBackend(plugin: BackendPlugin, hooks: TestHooks, options: TestOptions = {}): ConformanceReport {
  const bench = new TestBench(plugin, options);
  hooks.describe(`the backend ${plugin.name}`, () => {
    probingSuite(bench, hooks);
    lifecycleSuite(bench, hooks);
    memorySuite(bench, hooks);
    queueSuite(bench, hooks);
    failureSuite(bench, hooks);
    constantSuite(bench, hooks);
    bindingSuite(bench, hooks);
    stepSuite(bench, hooks);
    graphSuite(bench, hooks);
    hooks.describe('at the end', () => {
      hooks.it('closes, and says what is left to do', async () => {
        await bench.closeShared();
        options.onLeftToDo?.(bench.report.leftToDo);
      });
    });
  });
  return bench.report;
}
