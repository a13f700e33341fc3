import { type Adapter, contractVersion, type Refusal } from '@halyard/core';
import { expectEqual, expectThat } from '../expect.js';
import { generateProgram } from '../generate/program.js';
import type { TestHooks } from '../hooks.js';
import type { TestBench } from '../session/bench.js';

/** What a backend says about itself and the hardware at hand. */
export function probingSuite(bench: TestBench, { describe, it }: TestHooks): void {
  describe('probing', () => {
    it('has a name, and a contract of the same major version', async () => {
      expectThat(bench.plugin.name.length > 0, 'a name');
      expectEqual(bench.plugin.contract.major, contractVersion.major, 'the contract’s major version');
    });

    it('answers within its time limit, and never throws', async () => {
      const timeoutMs = bench.options.timeoutMs ?? 10_000;
      const start = performance.now();
      await bench.plugin.probe({ timeoutMs });
      expectThat(performance.now() - start < timeoutMs + 1000, `an answer within ${timeoutMs} ms`);
    });

    it('describes each adapter as plain data', async () => {
      const { adapters } = await bench.probe();
      for (const adapter of adapters) checkAdapter(adapter);
      expectEqual(new Set(adapters.map(({ id }) => id)).size, adapters.length, 'the number of different adapter ids');
    });

    it('says of each refusal what was found, what was expected, and what to do', async () => {
      const { adapters, refusals } = await bench.probe();
      for (const refusal of refusals) checkRefusal(refusal);
      expectThat(adapters.length + refusals.length > 0, 'an adapter, or a refusal that says why there is none');
    });

    it('says what it supports without throwing, and the same each time', async () => {
      const adapter = await bench.adapter();
      if (!adapter) return;
      for (let seed = 0; seed < 200; seed++) {
        const { program } = generateProgram(seed);
        for (const step of program.steps) {
          const support = bench.plugin.supports(adapter, step, program.tensors);
          expectEqual(bench.plugin.supports(adapter, step, program.tensors), support, `the answer on ${step.kind}`);
          if (support !== true) expectThat(support.reason.length > 0, `a reason for refusing ${step.kind}`);
        }
      }
    });
  });
}

function checkAdapter(adapter: Adapter): void {
  const where = `adapter ${adapter.id}`;
  for (const text of [adapter.id, adapter.name, adapter.fingerprint, adapter.architecture]) {
    expectThat(
      typeof text === 'string' && text.length > 0,
      `${where} to have an id, name, fingerprint and architecture`,
    );
  }
  expectEqual(JSON.parse(JSON.stringify(adapter)), adapter, `${where}, sent through JSON,`);
  expectThat(Number.isInteger(adapter.computeUnits) && adapter.computeUnits > 0, `${where} to have compute units`);
  const { alignment, regionBytes, operandsPerStep, rank } = adapter.limits;
  expectThat(
    alignment >= 1 && Number.isInteger(Math.log2(alignment)),
    `${where} to align to a power of two`,
    alignment,
  );
  expectThat(regionBytes > 0 && operandsPerStep >= 3 && rank >= 1, `${where} to have limits that allow work`);
  expectThat(
    adapter.memory.some(({ tier, bytes }) => tier === 'device' && bytes > 0),
    `${where} to have memory`,
  );
  expectThat(adapter.proof.detail.length > 0, `${where} to say what it computed as proof`);
  expectThat(adapter.types.includes('float32'), `${where} to have float32 among its types`);
}

function checkRefusal({ code, found, expected, remedy }: Refusal): void {
  expectThat(/^[a-z0-9:-]+$/.test(code), 'a code of lower-case words', code);
  expectThat(found.length > 0 && expected.length > 0, `refusal ${code} to say what was found and what was expected`);
  expectThat(/^[A-Z`].{8,}/s.test(remedy), `refusal ${code} to end in an action`, remedy);
}
