// The matmul step, whatever its operands' types and views, against sums in double.

#include "../steps/float_element.h"
#include "../steps/matmul.h"
#include "../steps/matmul_layouts.h"
#include "../steps/matmul_shape.h"
#include "../steps/quantized_matmul_pack.h"
#include "step_harness.h"

namespace halyard::cpu::test {
namespace {

double read(Harness& harness, const View& view, std::int64_t batch, std::int64_t row, std::int64_t column) {
  const int rank = view.rank();
  const std::int64_t element = matrix_offset(view, batch) + row * view.strides[static_cast<std::size_t>(rank - 2)] +
                               column * view.strides[static_cast<std::size_t>(rank - 1)];
  const Type type = harness.program.type_of(view);
  return float_element(type, harness.memory[static_cast<std::size_t>(view.tensor)].data(), element);
}

/// A view of `shape` (rank ≥ 2) on a new tensor: plain, transposed, with gaps, reversed, broadcast over batches.
Operand any_view(Harness& harness, Type type, const Extents& shape, Role role) {
  Extents extents = shape;
  const std::size_t rank = shape.size();
  const bool transposed = any(0, 2) == 0;
  const bool broadcast = any(0, 2) == 0;
  if (transposed) std::swap(extents[rank - 1], extents[rank - 2]);
  for (std::size_t axis = 0; broadcast && axis + 2 < rank; axis++) extents[axis] = 1;
  const std::int64_t gap = any(0, 3) == 0 ? any(1, 3) : 0;
  extents[rank - 1] += gap;
  const int tensor = harness.tensor(type, extents, role);
  harness.fill(tensor);
  Operand view = harness.whole(tensor);
  if (transposed) std::swap(view.strides[rank - 1], view.strides[rank - 2]);
  for (std::size_t axis = 0; broadcast && axis + 2 < rank; axis++) view.strides[axis] = 0;
  view.shape = shape;
  view.offset = gap;
  if (any(0, 5) == 0 && shape[rank - 1] > 0) {
    view.offset += (shape[rank - 1] - 1) * view.strides[rank - 1];
    view.strides[rank - 1] = -view.strides[rank - 1];
  }
  return view;
}

void check_any(Level level) {
  Harness harness;
  const Type types[] = {Type::float32, Type::float32, Type::float16, Type::bfloat16};
  Extents batch;
  for (std::int64_t axis = any(0, 2); axis > 0; axis--) batch.push_back(any(0, 9) == 0 ? 0 : any(1, 3));
  const std::int64_t m = any(0, 1) == 0 ? any(1, 3) : any(0, 40);
  const std::int64_t n = any(0, 70);
  const std::int64_t k = any(0, 50);
  const int results = any(0, 3) == 0 ? 2 : 1;
  const auto shape = [&](std::int64_t rows, std::int64_t columns) {
    Extents result = batch;
    result.push_back(rows);
    result.push_back(columns);
    return result;
  };
  Step step;
  step.kind = StepKind::matmul;
  step.attributes.set("multiply", std::string("float32"));
  step.attributes.set("accumulate", std::string("float32"));
  step.inputs.push_back(any_view(harness, types[any(0, 3)], shape(m, k), Role::input));
  const Role role = any(0, 1) == 0 ? Role::constant : Role::input;
  for (int i = 0; i < results; i++) step.inputs.push_back(any_view(harness, types[any(0, 3)], shape(k, n), role));
  for (int i = 0; i < results; i++) {
    step.outputs.push_back(Harness::target(any_view(harness, Type::float32, shape(m, n), Role::output)));
    // An output's elements must be distinct: no broadcast.
    step.outputs.back() = Harness::target(harness.whole(harness.tensor(Type::float32, shape(m, n), Role::output)));
  }
  const int threads = static_cast<int>(any(1, 3));
  if (!harness.run(make_matmul, step, threads, level)) return expect(false, "a matmul is compiled");
  const std::int64_t matrices = matmul_shape(step).batch;
  for (int i = 0; i < results; i++) {
    const View& right = *step.inputs[static_cast<std::size_t>(i) + 1];
    for (std::int64_t matrix = 0; matrix < matrices; matrix++) {
      for (std::int64_t row = 0; row < m; row++) {
        for (std::int64_t column = 0; column < n; column++) {
          double sum = 0;
          double magnitude = 1e-20;
          for (std::int64_t j = 0; j < k; j++) {
            const double term =
                read(harness, *step.inputs[0], matrix, row, j) * read(harness, right, matrix, j, column);
            sum += term;
            magnitude += std::fabs(term);
          }
          const double is = read(harness, step.outputs[static_cast<std::size_t>(i)], matrix, row, column);
          expect(std::fabs(is - sum) <= 2e-6 * magnitude, "matmul " + std::to_string(m) + "x" + std::to_string(n) +
                                                              "x" + std::to_string(k) + " result " + std::to_string(i));
        }
      }
    }
  }
}

/// Block-quantized weights, by int8 products or dequantized.
void check_blocks(Level level, Type type, bool bytes, std::int64_t m, std::int64_t n) {
  Harness harness;
  const std::int64_t k = 2 * layout_of(type).elements;
  const int x = harness.tensor(Type::float32, {2, m, k}, Role::input);
  const int w = harness.tensor(type, {n + 3, k}, Role::constant);
  const int y = harness.tensor(Type::float32, {2, m, n}, Role::output);
  harness.fill(x);
  for (std::byte& each : harness.memory[static_cast<std::size_t>(w)]) each = static_cast<std::byte>(any(0, 255));
  const std::int64_t block_bytes = layout_of(type).bytes;
  for (std::int64_t block = 0; block < (n + 3) * 2; block++) {
    // Scales: small positive halves.
    std::byte* at = harness.memory[static_cast<std::size_t>(w)].data() + block * block_bytes;
    at[type == Type::q6_k ? 209 : 1] = std::byte{0x24};
    if (type == Type::q4_1 || type == Type::q4_k) at[3] = std::byte{0x24};
  }
  Step step;
  step.kind = StepKind::matmul;
  step.attributes.set("multiply", std::string(bytes ? "int8" : "float32"));
  step.inputs.push_back(harness.whole(x));
  Operand weights;
  weights.tensor = w;
  weights.offset = 2 * k;
  weights.shape = {2, k, n};
  weights.strides = {0, 1, k};
  step.inputs.push_back(weights);
  step.outputs.push_back(Harness::target(harness.whole(y)));
  std::string kernel;
  if (!harness.run(make_matmul, step, 2, level, &kernel)) return expect(false, "a block matmul is compiled");
  expect(kernel.starts_with(bytes ? "quantized-matmul" : "matmul"), "multiply decides how blocks are multiplied");
  std::vector<float> row(static_cast<std::size_t>(k));
  for (std::int64_t column = 0; column < n; column++) {
    dequantize_row(*block_format(type),
                   harness.memory[static_cast<std::size_t>(w)].data() + (column + 2) * 2 * block_bytes, k, row.data());
    for (std::int64_t line = 0; line < 2 * m; line++) {
      double sum = 0;
      double magnitude = 0;
      for (std::int64_t j = 0; j < k; j++) {
        const double term = static_cast<double>(harness.floats(x)[line * k + j]) * row[static_cast<std::size_t>(j)];
        sum += term;
        magnitude += std::fabs(static_cast<double>(row[static_cast<std::size_t>(j)]));
      }
      const double tolerance = bytes ? 0.5 / 127 : 2e-6;
      expect(std::fabs(harness.floats(y)[line * n + column] - sum) <= tolerance * magnitude + 1e-6,
             "block matmul of " + std::string(name_of(type)));
    }
  }
}

}  // namespace
}  // namespace halyard::cpu::test

int main() {
  using namespace halyard::cpu;
  for (Level level : {Level::portable, effective_level()}) {
    for (int round = 0; round < 1500; round++) test::check_any(level);
    for (halyard::Type type :
         {halyard::Type::q4_0, halyard::Type::q4_1, halyard::Type::q8_0, halyard::Type::q4_k, halyard::Type::q6_k}) {
      for (bool bytes : {true, false}) {
        for (std::int64_t m : {1, 2, 7, 20}) {
          for (std::int64_t n : {1, 16, 45}) test::check_blocks(level, type, bytes, m, n);
        }
      }
    }
  }
  std::printf("%d checks, %d failures\n", test::checks, test::failures);
  return test::failures == 0 ? 0 : 1;
}
