import { bytesField, integerField, message } from './protobuf.js';

const float32 = 1;

/**
 * An ONNX model y = a · b with a [m, k] as input and b [k, n] as a constant, so that a runtime may bring b into a layout
 * of its own beforehand. Field numbers are those of onnx.proto3.
 */
export function matmulModel(m: number, b: Float32Array, k: number, n: number): Uint8Array {
  const bytes = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  const node = message(1, bytesField(1, 'a'), bytesField(1, 'b'), bytesField(2, 'y'), bytesField(4, 'MatMul'));
  const initializer = message(
    5,
    integerField(1, k),
    integerField(1, n),
    integerField(2, float32),
    bytesField(8, 'b'),
    bytesField(9, bytes),
  );
  const graph = message(7, node, bytesField(2, 'matmul'), initializer, value(11, 'a', [m, k]), value(12, 'y', [m, n]));
  return Buffer.concat([integerField(1, 8), graph, message(8, bytesField(1, ''), integerField(2, 17))]);
}

function value(field: number, name: string, shape: readonly number[]): Uint8Array {
  const dimensions = shape.map((extent) => message(1, integerField(1, extent)));
  return message(
    field,
    bytesField(1, name),
    message(2, message(1, integerField(1, float32), message(2, ...dimensions))),
  );
}
