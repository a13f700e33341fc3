#pragma once

#include <cstdint>

#include "../kernels/attention.h"
#include "../kernels/matmul.h"
#include "attention_keys.h"

namespace halyard::cpu {

/// The running state of some query rows against the keys seen so far, in one thread's scratch memory.
struct AttentionRows {
  std::int64_t count;
  /// [count, d], scaled.
  float* queries;
  /// [count, dv], [count], [count].
  float* outputs;
  float* maxima;
  float* sums;
};

/// Adds a block of at most `keys` keys to the state of some rows.
class AttentionBlock {
 public:
  AttentionBlock(const MatmulKernels& products, const AttentionKernels& kernels, std::int64_t keys, std::int64_t d,
                 std::int64_t dv)
      : products_(products), kernels_(kernels), keys_(keys), d_(d), dv_(dv) {}

  std::int64_t keys() const { return keys_; }
  /// Floats of scratch besides the scores, which are [rows, keys].
  std::int64_t panel_floats() const;

  void begin(const AttentionRows& rows) const;
  /// scores [rows, count] = queries · keysᵀ.
  void score(const AttentionRows& rows, const KeyRows& keys, std::int64_t count, float* scores, float* panels) const;
  /// Scores, by now masked, become weights; outputs take the values in.
  void accumulate(const AttentionRows& rows, const KeyRows& values, std::int64_t count, float* scores,
                  float* panels) const;
  /// Takes in what another thread has summed over other keys.
  void merge(const AttentionRows& rows, const AttentionRows& other) const;
  /// Divides by the sums; rows that saw nothing become 0. `log_sums` [rows], if wanted.
  void finish(const AttentionRows& rows, float* log_sums) const;

 private:
  const MatmulKernels& products_;
  const AttentionKernels& kernels_;
  std::int64_t keys_;
  std::int64_t d_;
  std::int64_t dv_;
};

}  // namespace halyard::cpu
