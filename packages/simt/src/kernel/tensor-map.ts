import type { Helper } from './helper.js';

/** `CUtensorMap`, opaque. */
export const tensorMapHelper: Helper = {
  name: 'tensor_map',
  text: 'struct alignas(128) TensorMap { unsigned long long words[16]; };',
};
