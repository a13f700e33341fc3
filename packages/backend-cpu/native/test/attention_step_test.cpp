// The attention step against scores, softmax and sums in double.

#include "../steps/attention.h"
#include "../steps/float_element.h"
#include "step_harness.h"

namespace halyard::cpu::test {
namespace {

double at(Harness& harness, const View& view, std::int64_t i, std::int64_t j, std::int64_t row, std::int64_t column) {
  const std::int64_t element =
      view.offset + i * view.strides[0] + j * view.strides[1] + row * view.strides[2] + column * view.strides[3];
  return float_element(harness.program.type_of(view), harness.memory[static_cast<std::size_t>(view.tensor)].data(),
                       element);
}

/// [batch, heads, rows, width], sometimes stored as [batch, rows, heads, width], sometimes with width not innermost.
Operand any_view(Harness& harness, Type type, const Extents& shape) {
  const std::int64_t kind = any(0, 5);
  Extents stored = shape;
  if (kind <= 1) stored = {shape[0], shape[2], shape[1], shape[3]};
  if (kind == 2) stored = {shape[0], shape[1], shape[3], shape[2]};
  const int tensor = harness.tensor(type, stored, Role::input);
  harness.fill(tensor);
  Operand view = harness.whole(tensor);
  if (kind <= 1) std::swap(view.strides[1], view.strides[2]);
  if (kind == 2) std::swap(view.strides[2], view.strides[3]);
  view.shape = shape;
  return view;
}

Operand indices(Harness& harness, const Extents& shape, const std::vector<std::int32_t>& values) {
  const int tensor = harness.tensor(Type::int32, shape, Role::input);
  if (!values.empty())
    std::memcpy(harness.memory[static_cast<std::size_t>(tensor)].data(), values.data(), values.size() * 4);
  return harness.whole(tensor);
}

void check_any(Level level) {
  Harness harness;
  const Type types[] = {Type::float32, Type::float16, Type::bfloat16};
  const std::int64_t batch = any(1, 3);
  const std::int64_t key_heads = any(1, 3);
  const std::int64_t group = any(1, 4);
  const std::int64_t heads = key_heads * group;
  const std::int64_t queries = any(0, 1) == 0 ? any(0, 2) : any(1, 70);
  const bool paged = any(0, 3) == 0;
  const std::int64_t page = any(1, 20);
  const std::int64_t pages = any(1, 9);
  const std::int64_t capacity = paged ? page * pages : any(0, 150);
  const std::int64_t d = any(0, 2) == 0 ? 64 : any(1, 40);
  const std::int64_t dv = any(0, 1) == 0 ? d : any(1, 40);
  const bool causal = any(0, 1) == 0;
  const double scale = 1.5 / std::sqrt(static_cast<double>(d));
  Step step;
  step.kind = StepKind::attention;
  step.attributes.set("scale", scale);
  step.attributes.set("causal", causal);
  step.inputs.push_back(any_view(harness, types[any(0, 2)], {batch, heads, queries, d}));
  const Type kept = types[any(0, 2)];
  const Extents keys{paged ? pages * batch : batch, key_heads, paged ? page : capacity, d};
  step.inputs.push_back(any_view(harness, kept, keys));
  step.inputs.push_back(any_view(harness, kept, {keys[0], keys[1], keys[2], dv}));
  std::vector<std::int32_t> lengths(static_cast<std::size_t>(batch), static_cast<std::int32_t>(capacity));
  std::vector<std::int32_t> starts(static_cast<std::size_t>(batch), 0);
  step.inputs.resize(7);
  if (any(0, 1) == 0) {
    for (auto& length : lengths) length = static_cast<std::int32_t>(any(0, capacity));
    step.inputs[3] = indices(harness, {batch}, lengths);
  }
  if (any(0, 2) == 0) {
    for (auto& start : starts) start = static_cast<std::int32_t>(any(0, capacity));
    step.inputs[4] = indices(harness, {batch}, starts);
  }
  std::vector<std::int32_t> table;
  for (std::int64_t i = 0; i < batch * pages; i++) table.push_back(static_cast<std::int32_t>(i * 7 % (batch * pages)));
  if (paged) step.inputs[5] = indices(harness, {batch, pages}, table);
  int mask = -1;
  if (any(0, 2) == 0) {
    mask = harness.tensor(Type::float32, {queries, capacity}, Role::input);
    harness.fill(mask);
    for (std::int64_t i = 0; i < queries * capacity; i += 3) harness.floats(mask)[i] = -INFINITY;
    Operand view = harness.whole(mask);
    view.shape = {batch, heads, queries, capacity};
    view.strides = {0, 0, capacity, 1};
    step.inputs[6] = view;
  }
  const int out = harness.tensor(Type::float32, {batch, queries, heads, dv}, Role::output);
  View target = harness.whole(out);
  target.shape = {batch, heads, queries, dv};
  std::swap(target.strides[1], target.strides[2]);
  step.outputs.push_back(Harness::target(target));
  const int sums = harness.tensor(Type::float32, {batch, heads, queries, 1}, Role::output);
  if (any(0, 1) == 0) step.outputs.push_back(Harness::target(harness.whole(sums)));
  if (!harness.run(make_attention, step, static_cast<int>(any(1, 3)), level))
    return expect(false, "attention is compiled");

  for (std::int64_t b = 0; b < batch; b++) {
    for (std::int64_t head = 0; head < heads; head++) {
      for (std::int64_t query = 0; query < queries; query++) {
        const std::int64_t length = lengths[static_cast<std::size_t>(b)];
        const std::int64_t end = causal ? std::min(length, length - queries + query + 1) : length;
        std::vector<double> scores;
        double largest = -INFINITY;
        for (std::int64_t key = starts[static_cast<std::size_t>(b)]; key < end; key++) {
          const std::int64_t matrix = paged ? table[static_cast<std::size_t>(b * pages + key / page)] : b;
          double score = 0;
          for (std::int64_t j = 0; j < d; j++) {
            score += at(harness, *step.inputs[0], b, head, query, j) *
                     at(harness, *step.inputs[1], matrix, head / group, paged ? key % page : key, j);
          }
          scores.push_back(score * scale + (mask >= 0 ? harness.floats(mask)[query * capacity + key] : 0));
          largest = std::max(largest, scores.back());
        }
        double sum = 0;
        for (double& score : scores) sum += score = largest == -INFINITY ? 0 : std::exp(score - largest);
        for (std::int64_t j = 0; j < dv; j++) {
          double value = 0;
          for (std::size_t i = 0; i < scores.size(); i++) {
            const std::int64_t key = starts[static_cast<std::size_t>(b)] + static_cast<std::int64_t>(i);
            const std::int64_t matrix = paged ? table[static_cast<std::size_t>(b * pages + key / page)] : b;
            value += scores[i] * at(harness, *step.inputs[2], matrix, head / group, paged ? key % page : key, j);
          }
          const double should = sum == 0 ? 0 : value / sum;
          expect(std::fabs(at(harness, target, b, head, query, j) - should) <= 3e-6,
                 "attention of " + std::to_string(queries) + " queries, " + std::to_string(end) + " keys");
        }
        if (step.outputs.size() < 2) continue;
        const double is = harness.floats(sums)[(b * heads + head) * queries + query];
        const double should = sum == 0 ? -INFINITY : largest + std::log(sum);
        expect(is == should || std::fabs(is - should) <= 4e-6 * (1 + std::fabs(should)), "log Σ exp");
      }
    }
  }
}

}  // namespace
}  // namespace halyard::cpu::test

int main() {
  using namespace halyard::cpu;
  for (Level level : {Level::portable, effective_level()}) {
    for (int round = 0; round < 400; round++) test::check_any(level);
  }
  std::printf("%d checks, %d failures\n", test::checks, test::failures);
  return test::failures == 0 ? 0 : 1;
}
