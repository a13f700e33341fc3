import cudaPlugin from '@halyard/backend-cuda';
import { expect, it } from 'vitest';
import { deviceMatmuls } from '../../../../bench/src/command/device-matmul.js';
import { formatReport } from '../../../../bench/src/table.js';

it('puts each product beside the library, with a ratio where it has one and the reason where not', async () => {
  const report = await deviceMatmuls({
    device: 'cuda',
    backends: [cudaPlugin],
    probeTimeoutMs: 60_000,
    rounds: 1,
    shapes: [
      [1, 64, 32],
      [10, 64, 18],
    ],
  });
  const types = ['float16', 'bfloat16', 'float32', 'tfloat32', 'int8'];
  expect(report.rows.map(([type, shape]) => [type, shape])).toEqual(
    types.flatMap((type) => [
      [type, '1 × 64 × 32'],
      [type, '10 × 64 × 18'],
    ]),
  );
  for (const [type, shape, ours, theirs, ratio, difference, kernel] of report.rows) {
    expect(ours).toMatch(/^\d+\.\d$/);
    expect(kernel).toMatch(/^matmul-/);
    // The stand-in, as NVIDIA's library, takes int8 in steps of four.
    const isTaken = type !== 'int8' || shape === '1 × 64 × 32';
    expect(theirs).toMatch(isTaken ? /^\d+\.\d$/ : /^-$/);
    expect(ratio).toMatch(isTaken ? /^\d+\.\d\d×$/ : /^-$/);
    if (isTaken) expect(Number(difference)).toBeLessThan(type === 'bfloat16' ? 1e-2 : 1e-3);
  }
  const table = formatReport(report);
  expect(table).toContain('halyard');
  expect(table).toContain("Without cuBLASLt: no algorithm of cuBLASLt's for this product");
  expect(table).toMatch(/geometric mean \d+\.\d\d×, least \d+\.\d\d×/);
  expect(JSON.parse(JSON.stringify(report.data))).toMatchObject({ versions: { cublasLt: '13.1.0' } });
});
