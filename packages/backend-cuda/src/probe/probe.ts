import type { ProbeOptions, ProbeReport, Refusal } from '@halyard/core';
import { locateCublasLt } from '../libraries/locate-cublaslt.js';
import { locateNvrtc } from '../libraries/locate-nvrtc.js';
import { addonPackage } from '../load-addon.js';
import { cudaAdapter, versionText } from './adapter.js';
import type { FoundDevice, ProbeAnswer } from './answer.js';
import { type ChildOutcome, probeInChild } from './probe-child.js';

/** Looks for GPUs in a child process, within three quarters of the time that there is. Never throws. */
export async function probe({ timeoutMs }: ProbeOptions): Promise<ProbeReport> {
  const [compilers, productLibraries] = await Promise.all([locateNvrtc(), locateCublasLt()]);
  const failures: string[] = [];
  for (const place of addonPackage.places()) {
    const outcome = await probeInChild(place, { compilers, productLibraries }, timeoutMs * 0.75);
    if (outcome.kind === 'answered') return reportOf(outcome.answer);
    if (outcome.kind !== 'no-addon') return refused(refusalOf(outcome, timeoutMs));
    failures.push(`${place}: ${outcome.message.split('\n')[0]}`);
  }
  return refused({
    code: 'cuda:no-addon',
    found: failures.join('; '),
    expected: `${addonPackage.platformPackage()}, or a build of @halyard/backend-cuda`,
    remedy: `${addonPackage.remedy()}.`,
  });
}

const refused = (refusal: Refusal): ProbeReport => ({ adapters: [], refusals: [refusal] });

function reportOf(answer: ProbeAnswer): ProbeReport {
  if (answer.refusal) return refused(answer.refusal);
  const usable = answer.devices.filter(({ refusal, compiler }) => !refusal && compiler >= 0);
  const refusals = answer.devices.flatMap((device): Refusal[] => {
    if (device.refusal?.code === 'cuda:driver-too-old') return [compilerTooNew(device, answer)];
    if (device.refusal) return [{ ...device.refusal, found: `${device.name}: ${device.refusal.found}` }];
    return device.compiler < 0 ? [noCompiler(device, answer)] : [];
  });
  return { adapters: usable.map((device) => cudaAdapter(device, answer)), refusals };
}

function compilerTooNew({ name, architecture, compiler }: FoundDevice, answer: ProbeAnswer): Refusal {
  const driver = versionText(answer.driverVersion);
  const { path, version } = answer.compilers[compiler]!;
  return {
    code: 'cuda:nvrtc-too-new',
    found: `${name}: its driver, for CUDA ${driver}, refuses the PTX of NVRTC ${versionText(version)} (${path})`,
    expected: `NVRTC no newer than ${driver} that knows sm_${architecture}, or a newer driver`,
    remedy: `${installation(answer.driverVersion, architecture)} Or update the NVIDIA driver.`,
  };
}

function noCompiler({ name, architecture }: FoundDevice, { compilers, driverVersion }: ProbeAnswer): Refusal {
  const found = compilers.map(({ path, failure, version }) =>
    failure === '' ? `${path} (${versionText(version)}, without sm_${architecture})` : failure,
  );
  return {
    code: 'cuda:nvrtc-missing',
    found: `${name}, but no NVRTC for sm_${architecture}: ${found.join('; ') || 'none found'}`,
    expected: `NVRTC from 11.8 on that knows sm_${architecture}, no newer than the driver's CUDA ${versionText(driverVersion)}`,
    remedy: installation(driverVersion, architecture),
  };
}

/** How to get the newest NVRTC that both the driver and the architecture allow. 12.9 is the last that knows Volta. */
function installation(driverVersion: number, architecture: number): string {
  const newest = architecture < 75 ? Math.min(driverVersion, 12_090) : driverVersion;
  const name = newest < 13_000 ? `nvidia-cuda-nvrtc-cu${Math.floor(newest / 1000)}` : 'nvidia-cuda-nvrtc';
  return `Install it with \`pip install "${name}<${versionText(newest + 10)}"\` or the CUDA toolkit, or name its file in HALYARD_NVRTC.`;
}

function refusalOf(outcome: Exclude<ChildOutcome, { kind: 'answered' | 'no-addon' }>, timeoutMs: number): Refusal {
  if (outcome.kind === 'timeout') {
    return {
      code: 'cuda:driver-hangs',
      found: `no answer from the NVIDIA driver within ${Math.round(timeoutMs * 0.75)} ms`,
      expected: 'a driver that answers',
      remedy: 'Check it with `nvidia-smi`; restart the machine if that hangs, too, or raise probeTimeoutMs.',
    };
  }
  const tail = outcome.errorOutput.split('\n').slice(-4).join(' | ');
  return {
    code: 'cuda:driver-crashed',
    found: `the process that loaded the NVIDIA driver ended with ${outcome.how}${tail && `: ${tail}`}`,
    expected: 'a driver that can be loaded and called',
    remedy: 'Reinstall the NVIDIA driver, and check that its library and kernel module are of one version.',
  };
}
