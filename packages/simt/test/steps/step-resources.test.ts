import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ProgramBuilder, type ProgramCase, wholeView } from '@halyard/conformance';
import type { DataType } from '@halyard/core';
import { generateProgram } from '@halyard/simt';
import { assemble, compileCuda, occupancy } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { type Architecture, architectures, targets, toolkitFor } from '../support/matrix-targets.js';
import { addMap, output, unaryCase } from '../support/steps.js';

const file = new URL('step-resources.json', import.meta.url);
/** Set to write what was measured instead of comparing it. */
const isRecording = process.env.HALYARD_RECORD_RESOURCES === '1';

const f32 = 'float32';
const square = [4096, 4096];
const reduceTo = (axis: number) => square.with(axis, 1);
const sum = (axis: number) =>
  unaryCase('reduce', f32, square, [[f32, reduceTo(axis)]], { combine: 'sum', axes: [axis], accumulate: f32 });
const normalize = (form: 'softmax' | 'layer' | 'rms', columns: number) =>
  unaryCase('normalize', f32, [512, columns], [[f32, [512, columns]]], { form, axes: [1], epsilon: 1e-5 });

/** Rows of a table that are named by 512 indices: read, or added to. */
function indexedRows(kind: 'gather' | 'scatter'): ProgramCase {
  const builder = new ProgramBuilder();
  const view = (role: 'input' | 'output', type: DataType, shape: readonly number[]) =>
    wholeView(builder.bind(role, type, shape), shape);
  const indices = view('input', 'int32', [512]);
  const rows = { form: 'rows', axis: 0 } as const;
  if (kind === 'gather') {
    const inputs = [view('input', f32, [49_152, 576]), indices];
    builder.step({ kind, inputs, outputs: [view('output', f32, [512, 576])], attributes: rows });
  } else {
    const inputs = [indices, view('input', f32, [512, 576])];
    const attributes = { ...rows, combine: 'add', outOfRange: 'drop' } as const;
    builder.step({ kind, inputs, outputs: [view('output', f32, [2048, 576])], attributes });
  }
  return builder.finish(kind);
}

/** Philox4x32-10 of seeds and counters. */
function randomNumbers(): ProgramCase {
  const builder = new ProgramBuilder();
  const words = () => wholeView(builder.bind('input', 'uint32', square), square);
  const body = [{ op: 'random', arguments: [0, 1], dataType: 'uint32' }] as const;
  addMap(builder, [words(), words()], output(builder, 'uint32', square), { inputs: [], body, results: [2] });
  return builder.finish('random');
}

const recorded: Readonly<Record<string, ProgramCase>> = {
  'map of float32': unaryCase('map', f32, square, [[f32, square]], {}),
  'map of float16': unaryCase('map', 'float16', square, [['float16', square]], {}),
  'random numbers': randomNumbers(),
  'rows gathered': indexedRows('gather'),
  'rows added to': indexedRows('scatter'),
  'sums of rows': sum(1),
  'sums of columns': sum(0),
  'argMax of 49152': unaryCase('reduce', f32, [1, 49_152], [['int32', [1, 1]]], {
    combine: 'argMax',
    axes: [1],
    accumulate: f32,
  }),
  'softmax of 4096': normalize('softmax', 4096),
  'softmax of 49152': normalize('softmax', 49_152),
  'layer of 4096': normalize('layer', 4096),
  'rms of 576': normalize('rms', 576),
  'running sums of 4096': unaryCase('scan', f32, square, [[f32, square]], {
    combine: 'sum',
    axis: 1,
    exclusive: false,
    reversed: false,
  }),
  'first 40 of 49152': unaryCase('sort', f32, [1, 49_152], [[f32, [1, 40]]], { axis: 1, descending: true, count: 40 }),
  'order of 49152': unaryCase('sort', f32, [1, 49_152], [[f32, [1, 49_152]]], {
    axis: 1,
    descending: false,
    count: 49_152,
  }),
};

interface Row {
  readonly threads: number;
  readonly registers: number;
  readonly sharedBytes: number;
  /** Of a multiprocessor's threads, in per cent. */
  readonly occupancy: number;
}

/** What each kernel of the recorded steps takes; each is in the table once. */
async function measure(architecture: Architecture): Promise<Record<string, Record<string, Row>>> {
  const toolkit = await toolkitFor(architecture);
  const table: Record<string, Record<string, Row>> = {};
  for (const [name, { program }] of Object.entries(recorded)) {
    const { modules, launches } = generateProgram(program, targets[architecture], []);
    const { ptx } = await compileCuda(toolkit, modules[0]!.source, targets[architecture]);
    const { kernels } = await assemble(toolkit, ptx, targets[architecture].architecture);
    const rows: Record<string, Row> = {};
    for (const { kernel, block } of launches) {
      const { registers, sharedBytes, spillStoreBytes, spillLoadBytes } = kernels[kernel]!;
      expect(spillStoreBytes + spillLoadBytes, `${name}: ${kernel} spills`).toBe(0);
      const threads = block[0] * block[1];
      const { share } = occupancy(architecture, { threads, registers, sharedBytes });
      rows[kernel] = { threads, registers, sharedBytes, occupancy: Math.round(share * 100) };
    }
    table[name] = rows;
  }
  return table;
}

describe('the table of what kernels of steps take', () => {
  it.each(architectures)(
    'says what ptxas says for %s, and at least half of its threads are resident',
    async (architecture) => {
      const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
      const measured = await measure(architecture);
      if (isRecording) {
        const table = { ...known, [architecture]: measured };
        const ordered = Object.fromEntries(architectures.map((name) => [name, table[name]]));
        writeFileSync(file, `${JSON.stringify(ordered, undefined, 2)}\n`);
        return;
      }
      expect(measured).toEqual(known[architecture]);
      for (const rows of Object.values(measured)) {
        for (const [kernel, row] of Object.entries(rows)) expect(row.occupancy, kernel).toBeGreaterThanOrEqual(50);
      }
    },
  );
});
