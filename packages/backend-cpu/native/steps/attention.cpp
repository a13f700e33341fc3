#include "attention.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "../execution/configuration.h"
#include "../execution/epilogue.h"
#include "../execution/operand_reader.h"
#include "attention_block.h"
#include "attention_keys.h"
#include "kernel_choice.h"
#include "split.h"

namespace halyard::cpu {
namespace {

struct AttentionShape {
  std::int64_t batch, heads, key_heads, group, queries, capacity, d, dv;
  /// Keys of one page; 0: keys are not paged. How many pages there are.
  std::int64_t page;
  std::int64_t pages;
};

AttentionShape shape_of(const Step& step) {
  const View& query = *step.inputs[0];
  const View& key = *step.inputs[1];
  AttentionShape shape{query.shape[0],
                       query.shape[1],
                       key.shape[1],
                       query.shape[1] / key.shape[1],
                       query.shape[2],
                       key.shape[2],
                       query.shape[3],
                       step.inputs[2]->shape[3],
                       0,
                       key.shape[0]};
  if (step.inputs.size() > 5 && step.inputs[5]) {
    shape.page = key.shape[2];
    shape.capacity = step.inputs[5]->shape[1] * key.shape[2];
  }
  return shape;
}

/// The step with its first output only, as far as its epilogue lets it; the other output is stored on its own.
Step with_first_output(const Step& step) {
  Step result = step;
  if (!step.epilogue) result.outputs = {step.outputs[0]};
  return result;
}

class Attention final : public StepKernel {
 public:
  Attention(const CompileContext& context, const Step& step)
      : shape_(shape_of(step)),
        kernels_(attention_kernels(context.level)),
        query_rows_(configured(context.configuration, knobs::query_rows)),
        split_rows_(configured(context.configuration, knobs::split_rows)),
        block_(matmul_kernels(context.level), kernels_, configured(context.configuration, knobs::key_block), shape_.d,
               shape_.dv),
        query_(context, *step.inputs[0]),
        key_(context, *step.inputs[1]),
        value_(context, *step.inputs[2]),
        lengths_(context, step, 3),
        starts_(context, step, 4),
        table_(context, step, 5),
        scale_(static_cast<float>(step.attributes.number("scale", 1))),
        causal_(step.attributes.boolean("causal")),
        output_step_(with_first_output(step)),
        output_(context, output_step_, 1) {
    if (step.inputs.size() > 6 && step.inputs[6]) mask_.emplace(context, *step.inputs[6]);
    if (step.outputs.size() > 1) {
      // What an epilogue says, it says of the first output.
      log_sum_step_ = step;
      log_sum_step_.epilogue.reset();
      log_sum_step_.outputs = {step.outputs[1]};
      log_sum_.emplace(context, log_sum_step_, 1);
    }
    const std::int64_t rows = shape_.queries * shape_.group;
    split_keys_ = rows <= split_rows_ && context.threads > 1 && shape_.batch * shape_.key_heads % context.threads != 0;
    tile_queries_ = std::clamp<std::int64_t>(query_rows_ / shape_.group, 1, std::max<std::int64_t>(shape_.queries, 1));
  }

  bool ok() const {
    return query_.ok() && key_.ok() && value_.ok() && output_.ok() && (!mask_ || mask_->ok()) &&
           (!log_sum_ || log_sum_->ok());
  }

  int stages() const override { return split_keys_ ? 2 : 1; }

  std::size_t scratch_bytes(int threads) const override {
    const std::int64_t parts = split_keys_ ? threads * shape_.batch * shape_.key_heads * state_floats() : 0;
    return static_cast<std::size_t>((parts + threads * thread_floats()) * 4);
  }

  void run(const Frame& frame, int stage, int thread, int threads) const override {
    float* own = reinterpret_cast<float*>(scratch(frame)) + thread * thread_floats();
    const std::int64_t groups = shape_.batch * shape_.key_heads;
    if (split_keys_) {
      for (std::int64_t item = 0; stage == 0 && item < groups; item++) {
        const AttentionRows rows = state(part(frame, thread, threads, item), shape_.queries * shape_.group);
        attend(frame, item, 0, shape_.queries, rows, own, thread, threads);
      }
      for (std::int64_t item = thread; stage == 1 && item < groups; item += threads) {
        const AttentionRows rows = state(part(frame, 0, threads, item), shape_.queries * shape_.group);
        for (int other = 1; other < threads; other++) {
          block_.merge(rows, state(part(frame, other, threads, item), rows.count));
        }
        store(frame, item, 0, shape_.queries, rows, own);
      }
      return;
    }
    // Later tiles see more keys under a causal mask: the longest first, dealt out in turn.
    const std::int64_t tiles = divide_up(shape_.queries, tile_queries_);
    for (std::int64_t index = thread; index < groups * tiles; index += threads) {
      const std::int64_t first = (tiles - 1 - index / groups) * tile_queries_;
      const std::int64_t last = std::min(first + tile_queries_, shape_.queries);
      const AttentionRows rows = state(own, (last - first) * shape_.group);
      attend(frame, index % groups, first, last, rows, own + state_floats(), 0, 1);
      store(frame, index % groups, first, last, rows, own + state_floats());
    }
  }

  Description describe() const override {
    Description result;
    result.kernel = std::string("attention-") + kernels_.name;
    result.configuration.set("queryTile", static_cast<double>(split_keys_ ? shape_.queries : tile_queries_));
    report(result.configuration, knobs::key_block, block_.keys());
    report(result.configuration, knobs::query_rows, query_rows_);
    report(result.configuration, knobs::split_rows, split_rows_);
    result.reason = split_keys_ ? "few queries: keys shared out among threads, then merged"
                                : "tiles of queries against blocks of keys";
    return result;
  }

 private:
  std::int64_t most_rows() const { return (split_keys_ ? shape_.queries : tile_queries_) * shape_.group; }
  std::int64_t state_floats() const { return round_up(most_rows() * (shape_.d + shape_.dv + 2), 16); }
  std::int64_t thread_floats() const {
    const std::int64_t buffers = key_.buffer_floats(block_.keys()) + value_.buffer_floats(block_.keys());
    const std::int64_t rows = most_rows();
    return round_up(state_floats() + rows * block_.keys() + block_.panel_floats() + buffers + block_.keys() + rows,
                    16);
  }

  AttentionRows state(float* from, std::int64_t rows) const {
    float* outputs = from + rows * shape_.d;
    float* maxima = outputs + rows * shape_.dv;
    return {rows, from, outputs, maxima, maxima + rows};
  }

  float* part(const Frame& frame, int thread, int threads, std::int64_t item) const {
    float* parts = reinterpret_cast<float*>(scratch(frame)) + threads * thread_floats();
    return parts + (thread * shape_.batch * shape_.key_heads + item) * state_floats();
  }

  /// Rows are [query, head of the group]. Part `thread` of the keys.
  void attend(const Frame& frame, std::int64_t item, std::int64_t first, std::int64_t last, const AttentionRows& rows,
              float* scratch, int thread, int threads) const {
    const std::int64_t batch = item / shape_.key_heads;
    const std::int64_t key_head = item % shape_.key_heads;
    block_.begin(rows);
    for (std::int64_t head = 0; head < shape_.group; head++) {
      query_.read(frame, batch * shape_.heads + key_head * shape_.group + head, first, 0,
                  static_cast<int>(last - first), static_cast<int>(shape_.d), rows.queries + head * shape_.d,
                  shape_.group * shape_.d);
    }
    kernels_.scale(rows.queries, rows.count * shape_.d, scale_);
    float* scores = scratch;
    float* panels = scores + rows.count * block_.keys();
    float* key_buffer = panels + block_.panel_floats();
    float* value_buffer = key_buffer + key_.buffer_floats(block_.keys());
    float* mask = value_buffer + value_.buffer_floats(block_.keys());
    const std::int64_t length = length_of(frame, batch);
    const std::int64_t start = starts_ ? std::max<std::int64_t>(0, starts_.at(frame, batch)) : 0;
    // The first key that query `first`, and the tile's last query, must not see.
    const std::int64_t horizon = causal_ ? length - shape_.queries + first + 1 : length;
    const std::int64_t end = causal_ ? std::min(length, length - shape_.queries + last) : length;
    if (end <= start) return;
    const Range keys = split(end - start, thread, threads, 16);
    for (std::int64_t key = start + keys.begin; key < start + keys.end;) {
      std::int64_t count = std::min(block_.keys(), start + keys.end - key);
      std::int64_t page = batch;
      std::int64_t within = key;
      if (shape_.page > 0) {
        page = std::clamp<std::int64_t>(table_.at(frame, batch, key / shape_.page), 0, shape_.pages - 1);
        within = key % shape_.page;
        count = std::min(count, shape_.page - within);
      }
      block_.score(rows, key_.rows(frame, page, key_head, within, count, key_buffer), count, scores, panels);
      if (mask_) add_mask(frame, batch, key_head, first, rows, key, count, scores, mask);
      if (causal_ && key + count > horizon) hide_later(rows, key, count, horizon, scores);
      block_.accumulate(rows, value_.rows(frame, page, key_head, within, count, value_buffer), count, scores, panels);
      key += count;
    }
  }

  std::int64_t length_of(const Frame& frame, std::int64_t batch) const {
    if (!lengths_) return shape_.capacity;
    return std::clamp<std::int64_t>(lengths_.at(frame, batch), 0, shape_.capacity);
  }

  void add_mask(const Frame& frame, std::int64_t batch, std::int64_t key_head, std::int64_t first,
                const AttentionRows& rows, std::int64_t key, std::int64_t count, float* scores, float* mask) const {
    for (std::int64_t row = 0; row < rows.count; row++) {
      const std::int64_t head = key_head * shape_.group + row % shape_.group;
      mask_->read(frame, batch * shape_.heads + head, first + row / shape_.group, key, 1, static_cast<int>(count), mask,
                  block_.keys());
      kernels_.add_scaled(scores + row * block_.keys(), mask, count, 1.0f);
    }
  }

  /// Row r, query r / group of the tile, sees keys below horizon + r / group.
  void hide_later(const AttentionRows& rows, std::int64_t key, std::int64_t count, std::int64_t horizon,
                  float* scores) const {
    for (std::int64_t row = 0; row < rows.count; row++) {
      const std::int64_t seen = std::clamp<std::int64_t>(horizon + row / shape_.group - key, 0, count);
      std::fill(scores + row * block_.keys() + seen, scores + row * block_.keys() + count,
                -std::numeric_limits<float>::infinity());
    }
  }

  void store(const Frame& frame, std::int64_t item, std::int64_t first, std::int64_t last, const AttentionRows& rows,
             float* log_sums) const {
    block_.finish(rows, log_sum_ ? log_sums : nullptr);
    const std::int64_t batch = item / shape_.key_heads;
    for (std::int64_t head = 0; head < shape_.group; head++) {
      const std::int64_t matrix = batch * shape_.heads + item % shape_.key_heads * shape_.group + head;
      const float* results[] = {rows.outputs + head * shape_.dv, rows.outputs + head * shape_.dv};
      output_.store(frame, matrix, first, 0, static_cast<int>(last - first), static_cast<int>(shape_.dv), results,
                    shape_.group * shape_.dv);
      if (!log_sum_) continue;
      const float* sums[] = {log_sums + head};
      log_sum_->store(frame, matrix, first, 0, static_cast<int>(last - first), 1, sums, shape_.group);
    }
  }

  AttentionShape shape_;
  const AttentionKernels& kernels_;
  std::int64_t query_rows_;
  std::int64_t split_rows_;
  AttentionBlock block_;
  OperandReader query_;
  KeyOperand key_;
  KeyOperand value_;
  IndexOperand lengths_;
  IndexOperand starts_;
  IndexOperand table_;
  float scale_;
  bool causal_;
  Step output_step_;
  Epilogue output_;
  std::optional<OperandReader> mask_;
  Step log_sum_step_;
  std::optional<Epilogue> log_sum_;
  bool split_keys_ = false;
  std::int64_t tile_queries_ = 1;
};

}  // namespace

std::unique_ptr<StepKernel> make_attention(const CompileContext& context, const Step& step) {
  for (std::size_t i = 3; i < step.inputs.size() && i < 6; i++) {
    const auto& index = step.inputs[i];
    if (index && (index->prologue || index->quantization || context.program.type_of(*index) != Type::int32))
      return context.refuse("lengths, starts and table are read as int32, as they are");
  }
  auto kernel = std::make_unique<Attention>(context, step);
  return kernel->ok() ? std::move(kernel) : nullptr;
}

}  // namespace halyard::cpu
