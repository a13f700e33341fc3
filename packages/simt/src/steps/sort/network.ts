import type { Helper } from '../../kernel/helper.js';

/**
 * A bitonic network over keys and the indices that break ties, so that what is equal stays in order (Batcher, "Sorting
 * networks and their applications", 1968).
 */
export const network: Helper = {
  name: 'network',
  text: `
template <class Key> __device__ __forceinline__ bool precedes(Key key, int index, Key other, int other_index) {
  return key < other || (key == other && index < other_index);
}
template <class Key> __device__ __forceinline__ void exchange(Key* keys, int* indices, int low, int high, bool ascends) {
  const Key key = keys[low], other = keys[high];
  const int index = indices[low], other_index = indices[high];
  if (precedes(other, other_index, key, index) == ascends) {
    keys[low] = other;
    keys[high] = key;
    indices[low] = other_index;
    indices[high] = index;
  }
}
template <int size, class Key>
__device__ __forceinline__ void merge_tile(Key* keys, int* indices, int base, int stretch, int distance) {
  for (; distance > 0; distance /= 2) {
    for (int pair = threadIdx.x; pair < size / 2; pair += blockDim.x) {
      const int low = 2 * pair - (pair & (distance - 1));
      exchange(keys, indices, low, low + distance, ((base + low) & stretch) == 0);
    }
    __syncthreads();
  }
}
template <int size, class Key>
__device__ __forceinline__ void sort_tile(Key* keys, int* indices, int base) {
  for (int stretch = 2; stretch <= size; stretch *= 2) merge_tile<size>(keys, indices, base, stretch, stretch / 2);
}`,
};
