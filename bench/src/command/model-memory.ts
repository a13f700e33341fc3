import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Explanation } from '@halyard/core';
import type { Resident } from '../measure/resident.js';
import { obtainModel } from '../models.js';
import { formatMegabytes, type Report, times } from '../table.js';

interface Measured {
  readonly before: Resident;
  readonly after: Resident;
  readonly explanation: Explanation['memory'];
}

/** What both models plan, beside the lower bound, and what is resident on the host beyond the mapped weights. */
export async function modelMemory(device?: string): Promise<Report> {
  const language = await obtainModel('smollm2');
  const encoder = await obtainModel('minilm');
  const models = [
    { name: 'SmolLM2-135M-Instruct', kind: 'language', path: language, weights: language },
    { name: 'all-MiniLM-L6-v2', kind: 'sentences', path: encoder, weights: join(encoder, 'model.safetensors') },
  ];
  const results = [];
  for (const { name, kind, path, weights } of models) {
    results.push({ name, weightBytes: (await stat(weights)).size, ...(await measure(kind, path, device)) });
  }
  const own = ({ before, after }: Measured) =>
    before.own === undefined || after.own === undefined ? undefined : after.own - before.own;
  return {
    title: 'Memory of the models',
    columns: ['model', 'planned', 'lower bound', 'ratio', 'without a plan', 'weights (mapped)', 'resident beyond them'],
    rows: results.map((result) => {
      const { plannedBytes, lowerBoundBytes, naiveBytes } = result.explanation;
      const beyond = own(result);
      return [
        result.name,
        formatMegabytes(plannedBytes),
        formatMegabytes(lowerBoundBytes),
        times(lowerBoundBytes > 0 ? plannedBytes / lowerBoundBytes : 1),
        formatMegabytes(naiveBytes),
        formatMegabytes(result.weightBytes),
        beyond === undefined ? '' : formatMegabytes(beyond),
      ];
    }),
    notes: ['Resident beyond them: private memory that loading and answering added (packed weights included).'],
    data: results,
  };
}

async function measure(kind: string, path: string, device: string | undefined): Promise<Measured> {
  const script = fileURLToPath(new URL('../measure/model-memory-process.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, kind, path, ...(device ? [device] : [])]);
  return JSON.parse(stdout) as Measured;
}
