import { join } from 'node:path';
import { fetchToolkit, simulatedEnvironment } from '@halyard/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { halyard } from '../../../cli/test/halyard.js';
import { writeTinyDecoder } from '../../../models/test/helpers/tiny-decoder.js';
import { newFolder, removeFolders } from '../support/fake-driver.js';
import { canSimulate } from '../support/simulated-process.js';

describe.runIf(canSimulate)('with the stand-in on the loader’s path, HALYARD_DEVICE=cuda is all it takes', () => {
  const model = join(newFolder(), 'tiny.gguf');
  const environment: Record<string, string> = { HALYARD_DEVICE: 'cuda' };

  beforeAll(async () => {
    await writeTinyDecoder(model, { architecture: 'llama' });
    const devices = [{ architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 }];
    Object.assign(environment, simulatedEnvironment({ devices, toolkit: await fetchToolkit('13') }));
  });
  afterAll(removeFolders);

  it('for a language model to answer as on the CPU', { timeout: 60_000 }, async () => {
    const answer = async (variables: Record<string, string>) => {
      const greedy = ['--prompt', 'th rope', '--raw', '--max-tokens', '4', '--temperature', '0', '--json'];
      const { code, output, notes } = await halyard(['run', model, ...greedy], { environment: variables });
      expect({ code, notes }).toEqual({ code: 0, notes: '' });
      return JSON.parse(output);
    };
    const there = await answer(environment);
    expect(there.device).toMatch(/^0000:/);
    expect(there.text).toBe((await answer({ HALYARD_DEVICE: 'cpu' })).text);
  });

  it('for the device to be shown by doctor', async () => {
    const { output } = await halyard(['doctor', '--json'], { environment });
    const { chosen, backends } = JSON.parse(output);
    expect(chosen).toMatch(/^0000:/);
    const [{ adapters, refusals }] = backends.filter(({ name }: { name: string }) => name === 'cuda');
    expect(adapters).toMatchObject([{ architecture: 'sm_80', proof: { ok: true } }]);
    expect(refusals).toEqual([]);
  });

  it('for doctor to say why there is none, and what to do', async () => {
    const nothing = { ...environment, ...simulatedEnvironment({ devices: [] }) };
    const { code, output } = await halyard(['doctor'], { environment: nothing });
    expect(code).toBe(1);
    expect(output).toMatch(/cuInit failed/);
    expect(output).toMatch(/an NVIDIA GPU that this process may see/);
    expect(output).toMatch(/nvidia-smi/);
  });
});
