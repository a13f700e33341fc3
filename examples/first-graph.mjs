import { createContext, MLGraphBuilder } from '@halyard/core';

const context = await createContext(); // the best device found; { device: 'cpu' } names one
const builder = new MLGraphBuilder(context);
const x = builder.input('x', { dataType: 'float32', shape: [2, 3] });
const w = builder.constant({ dataType: 'float32', shape: [3, 2] }, new Float32Array([1, 2, 3, 4, 5, 6]));
const graph = await builder.build({ y: builder.softmax(builder.matmul(x, w), 1) });

const input = await context.createTensor({ dataType: 'float32', shape: [2, 3], writable: true });
const output = await context.createTensor({ dataType: 'float32', shape: [2, 2], readable: true });
context.writeTensor(input, new Float32Array([0.1, 0.2, 0.3, 0.3, 0.2, 0.1]));
context.dispatch(graph, { x: input }, { y: output });
console.log(new Float32Array(await context.readTensor(output)));
context.destroy();
