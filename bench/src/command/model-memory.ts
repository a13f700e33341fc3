import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Explanation } from '@halyard/core';
import type { ChosenDevice } from '../device.js';
import type { Resident } from '../measure/resident.js';
import { obtainModel } from '../models.js';
import { measureInProcess } from '../process/measure-in-process.js';
import { formatMegabytes, type Report, times } from '../table.js';

interface Measured {
  readonly before: Resident;
  readonly after: Resident;
  /** The most that Halyard's pools took from the device at a time. */
  readonly pooledBytes: number;
  readonly explanation: Explanation['memory'];
}

export interface ModelMemoryOptions {
  /** A GGUF file; SmolLM2 unless said. */
  readonly model?: string | undefined;
  /** A folder; all-MiniLM-L6-v2 unless said. */
  readonly encoder?: string | undefined;
  /** Generated; 32 unless said. */
  readonly tokens?: number | undefined;
  readonly device?: ChosenDevice | undefined;
}

/** What both models plan, beside the lower bound, and what is resident on the host beyond the mapped weights. */
export async function modelMemory({ device, tokens = 32, ...given }: ModelMemoryOptions): Promise<Report> {
  const language = await obtainModel('smollm2', given.model);
  const encoder = await obtainModel('minilm', given.encoder);
  const models = [
    {
      name: given.model ? basename(given.model) : 'SmolLM2-135M-Instruct',
      kind: 'language',
      path: language,
      weights: language,
    },
    {
      name: given.encoder ? basename(given.encoder) : 'all-MiniLM-L6-v2',
      kind: 'sentences',
      path: encoder,
      weights: join(encoder, 'model.safetensors'),
    },
  ];
  const results = [];
  for (const { name, kind, path, weights } of models) {
    results.push({
      name,
      weightBytes: (await stat(weights)).size,
      ...(await measureInProcess<Measured>('model-memory-process', [
        ...[kind, path, String(tokens)],
        ...(device ? [device.name] : []),
      ])),
    });
  }
  const own = ({ before, after }: Measured) =>
    before.own === undefined || after.own === undefined ? undefined : after.own - before.own;
  return {
    title: 'Memory of the models',
    columns: [
      'model',
      'planned',
      'lower bound',
      'ratio',
      'without a plan',
      'weights (mapped)',
      'resident beyond them',
      ...(device ? ['on the device'] : []),
    ],
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
        ...(device ? [formatMegabytes(result.pooledBytes)] : []),
      ];
    }),
    notes: [
      ...(device ? [`Halyard on ${device.description}`] : []),
      `Resident beyond them: private memory of the host that loading and answering added${device ? '' : ' (packed weights included)'}.`,
    ],
    data: device ? { device: device.description, models: results } : results,
  };
}
