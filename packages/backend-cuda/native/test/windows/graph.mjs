// A small graph on each device named, held against the reference interpreter: graph.mjs cuda cpu
import { createContext, MLGraphBuilder } from '@halyard/core';

const rows = 40;
const columns = 24;
const values = (count, seed) => Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i * 0.7));
const descriptor = { dataType: 'float32', shape: [rows, columns] };

/** y = softmax(gelu(x · w) · wᵀ) + x, twice over, so that a bound program is run again. */
async function compute(device) {
  const context = await createContext({ device, probeTimeoutMs: 120_000 });
  const builder = new MLGraphBuilder(context);
  const x = builder.input('x', descriptor);
  const w = builder.constant({ dataType: 'float32', shape: [columns, columns] }, values(columns * columns, 1));
  const inner = builder.gelu(builder.matmul(x, w));
  const weighted = builder.softmax(builder.matmul(inner, builder.transpose(w)), 1);
  const graph = await builder.build({ y: builder.add(weighted, x) });
  const input = await context.createTensor({ ...descriptor, writable: true });
  const output = await context.createTensor({ ...descriptor, readable: true });
  const results = [];
  for (const seed of [2, 3]) {
    context.writeTensor(input, values(rows * columns, seed));
    context.dispatch(graph, { x: input }, { y: output });
    results.push(...new Float32Array(await context.readTensor(output)));
  }
  context.destroy();
  return results;
}

const expected = await compute('reference');
for (const device of process.argv.slice(2)) {
  const found = await compute(device);
  const error = Math.max(...found.map((value, i) => Math.abs(value - expected[i])));
  const isRight = found.length === expected.length && error < 1e-5;
  console.log(`${isRight ? 'right' : 'WRONG'} on ${device}: at most ${error} from the reference`);
  if (!isRight) process.exitCode = 1;
}
