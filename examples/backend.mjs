// A backend in one file: it does elementwise work in JavaScript and leaves everything else to others.
import { createContext, defineBackend, interpret, MLGraphBuilder } from '@halyard/core';

const plugin = defineBackend({
  name: 'tiny',
  supports: (_adapter, step) => step.kind === 'map' || { part: 'step', reason: 'tiny does elementwise work alone' },
  compile: (program) => (bindings, workspace) => interpret(program, bindings, workspace),
});

const context = await createContext({ backends: [plugin], device: 'tiny' });
const builder = new MLGraphBuilder(context);
const x = builder.input('x', { dataType: 'float32', shape: [4] });
const graph = await builder.build({ y: builder.relu(builder.add(x, builder.constant('float32', 1))) });
const input = await context.createTensor({ dataType: 'float32', shape: [4], writable: true });
const output = await context.createTensor({ dataType: 'float32', shape: [4], readable: true });
context.writeTensor(input, new Float32Array([-2, -1, 0, 1]));
context.dispatch(graph, { x: input }, { y: output });
console.log(new Float32Array(await context.readTensor(output)));
context.destroy();
