#include "sample_program.h"

#include <cstring>

namespace halyard::test {
namespace {

View whole(std::int32_t tensor, const Extents& shape) {
  View view{tensor, 0, shape, Extents(shape.size())};
  std::int64_t stride = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    view.strides[axis] = stride;
    stride *= shape[axis];
  }
  return view;
}

Operand operand(const View& view) {
  Operand result;
  static_cast<View&>(result) = view;
  return result;
}

Target target(const View& view) {
  Target result;
  static_cast<View&>(result) = view;
  return result;
}

Instruction instruction(ScalarOperator op, std::int32_t a, std::int32_t b, double number = 0) {
  Instruction result;
  result.op = op;
  result.argument_count = static_cast<std::uint8_t>(arity_of(op));
  result.arguments = {a, b, 0};
  result.number = number;
  return result;
}

class Writer {
 public:
  template <typename T>
  void put(T value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof(T));
  }
  void text(const std::string& value) {
    put(static_cast<std::uint32_t>(value.size()));
    for (char letter : value) put(letter);
  }
  void extents(const Extents& values) {
    for (std::int64_t value : values) put(value);
  }
  void view(const View& value) {
    put(value.tensor);
    put(value.offset);
    put(static_cast<std::uint32_t>(value.shape.size()));
    extents(value.shape);
    extents(value.strides);
  }
  void expression(const Expression& value) {
    put(static_cast<std::uint32_t>(value.inputs.size()));
    for (const View& input : value.inputs) view(input);
    put(static_cast<std::uint32_t>(value.body.size()));
    for (const Instruction& entry : value.body) {
      put(entry.op);
      put(entry.data_type);
      put(entry.argument_count);
      for (int i = 0; i < entry.argument_count; i++) put(entry.arguments[static_cast<std::size_t>(i)]);
      put(entry.number);
      put(entry.integer);
    }
    put(static_cast<std::uint32_t>(value.results.size()));
    for (std::int32_t result : value.results) put(result);
  }
  void attributes(const Attributes& value) {
    put(static_cast<std::uint32_t>(value.entries().size()));
    for (const auto& [name, entry] : value.entries()) {
      text(name);
      put(static_cast<std::uint8_t>(entry.index()));
      if (const auto* number = std::get_if<double>(&entry)) put(*number);
      if (const auto* flag = std::get_if<bool>(&entry)) put(static_cast<std::uint8_t>(*flag));
      if (const auto* words = std::get_if<std::string>(&entry)) text(*words);
      if (const auto* list = std::get_if<std::vector<double>>(&entry)) {
        put(static_cast<std::uint32_t>(list->size()));
        for (double number : *list) put(number);
      }
    }
  }
  std::vector<std::byte> finish() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

void write_step(Writer& writer, const Step& step) {
  writer.text(step.kind_name);
  writer.put(static_cast<std::uint32_t>(step.inputs.size()));
  for (const auto& input : step.inputs) {
    writer.put(std::uint8_t{1});
    writer.view(*input);
    writer.put(std::uint8_t{0});
    writer.put(std::uint8_t{0});
  }
  writer.put(static_cast<std::uint32_t>(step.outputs.size()));
  for (const Target& output : step.outputs) {
    writer.view(output);
    writer.put(std::uint8_t{0});
  }
  writer.attributes(step.attributes);
  writer.put(static_cast<std::uint8_t>(step.epilogue.has_value()));
  if (step.epilogue) writer.expression(*step.epilogue);
  writer.put(static_cast<std::uint32_t>(step.after.size()));
  for (std::int32_t before : step.after) writer.put(before);
}

}  // namespace

Program sample_program(std::int64_t rows, std::int64_t columns) {
  const std::int64_t bytes = rows * columns * 4;
  Program program;
  program.workspace_bytes = bytes;
  program.bindings = {{Role::input, "x", bytes},
                      {Role::constant, "b", columns * 4},
                      {Role::output, "z", rows * 4},
                      {Role::output, "w", bytes}};
  const Extents shape{rows, columns};
  program.tensors = {{Type::float32, shape, 0, 0, bytes},
                     {Type::float32, {columns}, 1, 0, columns * 4},
                     {Type::float32, {rows, 1}, 2, 0, rows * 4},
                     {Type::float32, shape, 3, 0, bytes},
                     {Type::float32, shape, Tensor::in_workspace, 0, bytes}};
  Step map;
  map.kind = StepKind::map;
  map.kind_name = "map";
  map.inputs = {operand(whole(0, shape)), operand(View{1, 0, shape, {0, 1}})};
  map.outputs = {target(whole(4, shape))};
  map.epilogue = Expression{{},
                            {instruction(ScalarOperator::constant, 0, 0, 2), instruction(ScalarOperator::mul, 0, 2),
                             instruction(ScalarOperator::add, 3, 1)},
                            {4}};
  Step sum;
  sum.kind = StepKind::reduce;
  sum.kind_name = "reduce";
  sum.inputs = {operand(whole(4, shape))};
  sum.outputs = {target(whole(2, {rows, 1}))};
  sum.attributes.set("combine", std::string("sum"));
  sum.attributes.set("axes", std::vector<double>{1});
  sum.attributes.set("accumulate", std::string("float32"));
  sum.after = {0};
  Step softmax;
  softmax.kind = StepKind::normalize;
  softmax.kind_name = "normalize";
  softmax.inputs = {operand(whole(4, shape))};
  softmax.outputs = {target(whole(3, shape))};
  softmax.attributes.set("form", std::string("softmax"));
  softmax.attributes.set("axes", std::vector<double>{1});
  softmax.attributes.set("epsilon", 0.0);
  softmax.after = {0};
  program.steps = {map, sum, softmax};
  program.tuning.resize(3);
  return program;
}

std::vector<std::byte> encode(const Program& program) {
  Writer writer;
  writer.put(std::uint32_t{0x44594c48});
  writer.put(std::uint32_t{1});
  writer.put(program.version_major);
  writer.put(program.version_minor);
  writer.put(program.workspace_bytes);
  writer.put(static_cast<std::uint32_t>(program.bindings.size()));
  for (const Binding& binding : program.bindings) {
    writer.put(binding.role);
    writer.text(binding.name);
    writer.put(binding.bytes);
  }
  writer.put(static_cast<std::uint32_t>(program.tensors.size()));
  for (const Tensor& tensor : program.tensors) {
    writer.put(tensor.type);
    writer.put(static_cast<std::uint32_t>(tensor.shape.size()));
    writer.extents(tensor.shape);
    writer.put(tensor.binding);
    writer.put(tensor.offset);
  }
  writer.put(static_cast<std::uint32_t>(program.steps.size()));
  for (const Step& step : program.steps) write_step(writer, step);
  writer.put(static_cast<std::uint32_t>(program.tuning.size()));
  for (const Attributes& tuning : program.tuning) writer.attributes(tuning);
  return writer.finish();
}

}  // namespace halyard::test
