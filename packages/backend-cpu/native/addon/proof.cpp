#include "proof.h"

#include "../execution/cpu_backend.h"
#include "halyard/binding_table.h"

namespace halyard::cpu {
namespace {

constexpr std::int64_t elements = 1000;

Instruction instruction(ScalarOperator op, std::int32_t a, std::int32_t b) {
  Instruction result;
  result.op = op;
  result.argument_count = static_cast<std::uint8_t>(arity_of(op));
  result.arguments = {a, b, 0};
  result.number = 1;
  return result;
}

Program square_plus_one() {
  Program program;
  program.bindings = {{Role::input, "x", elements * 4}, {Role::output, "y", elements * 4}};
  for (std::int32_t binding : {0, 1})
    program.tensors.push_back({Type::float32, {elements}, binding, 0, elements * 4});
  Step step;
  step.kind = StepKind::map;
  step.kind_name = "map";
  Operand x;
  static_cast<View&>(x) = View{0, 0, {elements}, {1}};
  Target y;
  static_cast<View&>(y) = View{1, 0, {elements}, {1}};
  step.inputs.emplace_back(x);
  step.outputs.push_back(y);
  Expression expression;
  expression.body = {instruction(ScalarOperator::mul, 0, 0), instruction(ScalarOperator::constant, 0, 0),
                     instruction(ScalarOperator::add, 1, 2)};
  expression.results = {3};
  step.epilogue = expression;
  program.steps.push_back(step);
  program.tuning.resize(1);
  return program;
}

}  // namespace

Proof prove(Level level) {
  CpuBackend backend(level, 1);
  auto executable = backend.compile(square_plus_one(), {});
  if (!executable) return {false, executable.error().found};
  Span x{backend.reserve(elements * 4, Tier::device), 0, elements * 4};
  Span y{backend.reserve(elements * 4, Tier::device), 0, elements * 4};
  if (!x.region || !y.region) return {false, "no memory for " + std::to_string(elements) + " elements"};
  auto* from = reinterpret_cast<float*>(x.data());
  for (std::int64_t i = 0; i < elements; i++) from[i] = static_cast<float>(i);
  BindingTable table;
  table.executable = executable.value();
  table.spans = {x, y};
  auto bound = Bound::make(std::move(table));
  if (!bound) return {false, bound.error().found};
  if (Failure failure = backend.stream(QueueKind::compute)->run(*bound.value()->table())) return {false, failure->found};
  const auto* to = reinterpret_cast<const float*>(y.data());
  for (std::int64_t i = 0; i < elements; i++) {
    const auto expected = static_cast<float>(i * i + 1);
    if (to[i] != expected)
      return {false, "x·x + 1 at " + std::to_string(i) + " gave " + std::to_string(to[i])};
  }
  return {true, "x·x + 1 over " + std::to_string(elements) + " elements with " + std::string(name_of(level)) +
                    " kernels is right"};
}

}  // namespace halyard::cpu
