import type { Helper } from '../../kernel/helper.js';

export const shuffleAcross: Helper = {
  name: 'shuffle_across',
  text: ({ intrinsics }) => `
template <class T> __device__ __forceinline__ T shuffle_across(T value, int mask) {
  ${intrinsics.shuffle}
}`,
};

const wrapping: Helper = {
  name: 'wrapping',
  text: `
template <class T> __device__ __forceinline__ T add_wrapping(T x, T y) {
  return T((unsigned long long)x + (unsigned long long)y);
}
template <> __device__ __forceinline__ float add_wrapping(float x, float y) { return x + y; }
template <> __device__ __forceinline__ double add_wrapping(double x, double y) { return x + y; }
template <class T> __device__ __forceinline__ T multiply_wrapping(T x, T y) {
  return T((unsigned long long)x * (unsigned long long)y);
}
template <> __device__ __forceinline__ float multiply_wrapping(float x, float y) { return x * y; }`,
};

/** Running values of reductions: `merge` takes two parts for one, `shuffled` is that of another lane. */
export const states: Helper = {
  name: 'states',
  requires: [shuffleAcross, wrapping],
  text: `
template <class T> struct Sum {
  T value;
  __device__ void merge(const Sum& other) { value = add_wrapping<T>(value, other.value); }
  __device__ Sum shuffled(int mask) const { return {shuffle_across(value, mask)}; }
};
template <class T> struct Product {
  T value;
  __device__ void merge(const Product& other) { value = multiply_wrapping<T>(value, other.value); }
  __device__ Product shuffled(int mask) const { return {shuffle_across(value, mask)}; }
};
template <class T> struct Least {
  T value;
  __device__ void merge(const Least& other) { if (other.value < value || other.value != other.value) value = other.value; }
  __device__ Least shuffled(int mask) const { return {shuffle_across(value, mask)}; }
};
template <class T> struct Greatest {
  T value;
  __device__ void merge(const Greatest& other) { if (other.value > value || other.value != other.value) value = other.value; }
  __device__ Greatest shuffled(int mask) const { return {shuffle_across(value, mask)}; }
};
template <class T, bool is_greatest> struct Extreme {
  T value;
  int index;
  __device__ void merge(const Extreme& other) {
    const bool is_strange = other.value != other.value, was_strange = value != value;
    const bool is_better = is_strange ? !was_strange : !was_strange && (is_greatest ? other.value > value : other.value < value);
    const bool is_same = is_strange ? was_strange : other.value == value;
    if (other.index >= 0 && (index < 0 || is_better || (is_same && other.index < index))) *this = other;
  }
  __device__ Extreme shuffled(int mask) const { return {shuffle_across(value, mask), shuffle_across(index, mask)}; }
};
struct LogSum {
  float peak, total;
  __device__ void merge(const LogSum& other) {
    Greatest<float> both = {peak};
    both.merge({other.peak});
    if (fabsf(both.value) < __int_as_float(0x7f800000)) {
      total = total * expf(peak - both.value) + other.total * expf(other.peak - both.value);
    }
    peak = both.value;
  }
  __device__ LogSum shuffled(int mask) const { return {shuffle_across(peak, mask), shuffle_across(total, mask)}; }
};`,
};

/** Merges the states of all threads of a group; every one of them gets the whole. */
export const combineGroups: Helper = {
  name: 'combine_groups',
  requires: [states],
  text: `
template <int threads, class State> __device__ __forceinline__ State combine_lanes(State state) {
#pragma unroll
  for (int mask = threads / 2; mask > 0; mask /= 2) state.merge(state.shuffled(mask));
  return state;
}
template <int threads, int warp, class State> __device__ __forceinline__ State combine_row(State state, State* shared) {
  state = combine_lanes<warp>(state);
  __syncthreads();
  if (threadIdx.x % warp == 0) shared[threadIdx.x / warp] = state;
  __syncthreads();
  state = shared[0];
#pragma unroll
  for (int other = 1; other < threads / warp; ++other) state.merge(shared[other]);
  return state;
}
template <int threads, int beside, class State> __device__ __forceinline__ State combine_column(State state, State* shared) {
  __syncthreads();
  shared[threadIdx.y * beside + threadIdx.x] = state;
  __syncthreads();
#pragma unroll
  for (int half = threads / 2; half > 0; half /= 2) {
    if (threadIdx.y < half) shared[threadIdx.y * beside + threadIdx.x].merge(shared[(threadIdx.y + half) * beside + threadIdx.x]);
    __syncthreads();
  }
  return shared[threadIdx.x];
}`,
};

/** Whether a condition holds for any thread of a group: of the warp, or of the block. */
export const anyLane: Helper = {
  name: 'any_lane',
  text: ({ intrinsics }) => `
__device__ __forceinline__ bool any_lane(bool condition) {
  ${intrinsics.any}
}`,
};
