#include "halyard/decoder.h"

#include "byte_reader.h"

namespace halyard {
namespace {

constexpr std::uint32_t magic = 0x44594c48;  // "HLYD"
constexpr std::uint32_t format_version = 1;
constexpr std::uint32_t greatest_rank = 16;

Extents read_extents(ByteReader& reader, std::uint32_t rank) {
  Extents extents;
  if (rank > greatest_rank) {
    reader.fail();
    return extents;
  }
  for (std::uint32_t axis = 0; axis < rank && !reader.failed(); axis++) extents.push_back(reader.read<std::int64_t>());
  return extents;
}

View read_view(ByteReader& reader) {
  View view;
  view.tensor = reader.read<std::int32_t>();
  view.offset = reader.read<std::int64_t>();
  std::uint32_t rank = reader.count(16);
  view.shape = read_extents(reader, rank);
  view.strides = read_extents(reader, rank);
  return view;
}

Instruction read_instruction(ByteReader& reader) {
  Instruction instruction;
  instruction.op = reader.enumeration<ScalarOperator>(scalar_operator_count);
  instruction.data_type = reader.enumeration<Type>(type_count);
  instruction.argument_count = reader.read<std::uint8_t>();
  if (instruction.argument_count != arity_of(instruction.op)) {
    reader.fail();
    return instruction;
  }
  for (int i = 0; i < instruction.argument_count; i++)
    instruction.arguments[static_cast<std::size_t>(i)] = reader.read<std::int32_t>();
  instruction.number = reader.read<double>();
  instruction.integer = reader.read<std::int64_t>();
  return instruction;
}

Expression read_expression(ByteReader& reader) {
  Expression expression;
  std::uint32_t inputs = reader.count(16);
  for (std::uint32_t i = 0; i < inputs && !reader.failed(); i++) expression.inputs.push_back(read_view(reader));
  std::uint32_t body = reader.count(19);
  for (std::uint32_t i = 0; i < body && !reader.failed(); i++) expression.body.push_back(read_instruction(reader));
  std::uint32_t results = reader.count(4);
  for (std::uint32_t i = 0; i < results && !reader.failed(); i++)
    expression.results.push_back(reader.read<std::int32_t>());
  return expression;
}

Operand read_operand(ByteReader& reader) {
  Operand operand;
  static_cast<View&>(operand) = read_view(reader);
  if (reader.read<std::uint8_t>() != 0) operand.prologue = read_expression(reader);
  if (reader.read<std::uint8_t>() != 0) {
    Quantization quantization;
    quantization.scale = read_view(reader);
    if (reader.read<std::uint8_t>() != 0) quantization.zero_point = read_view(reader);
    std::uint32_t rank = reader.count(8);
    quantization.block = read_extents(reader, rank);
    operand.quantization = std::move(quantization);
  }
  return operand;
}

Target read_target(ByteReader& reader) {
  Target target;
  static_cast<View&>(target) = read_view(reader);
  if (reader.read<std::uint8_t>() != 0) {
    Target::Rows rows;
    rows.axis = reader.read<std::int32_t>();
    rows.indices = read_view(reader);
    target.rows = std::move(rows);
  }
  return target;
}

Attributes read_attributes(ByteReader& reader) {
  Attributes attributes;
  std::uint32_t count = reader.count(6);
  for (std::uint32_t i = 0; i < count && !reader.failed(); i++) {
    std::string name = reader.text();
    switch (reader.read<std::uint8_t>()) {
      case 0:
        attributes.set(std::move(name), reader.read<double>());
        break;
      case 1:
        attributes.set(std::move(name), reader.read<std::uint8_t>() != 0);
        break;
      case 2:
        attributes.set(std::move(name), reader.text());
        break;
      case 3: {
        std::vector<double> values;
        std::uint32_t length = reader.count(8);
        for (std::uint32_t j = 0; j < length && !reader.failed(); j++) values.push_back(reader.read<double>());
        attributes.set(std::move(name), std::move(values));
        break;
      }
      default:
        reader.fail();
    }
  }
  return attributes;
}

StepKind kind_of(std::string_view name) {
  constexpr std::string_view names[] = {"map",    "reduce",  "normalize", "matmul", "attention",
                                        "gather", "scatter", "scan",      "sort"};
  int index = 0;
  for (std::string_view known : names) {
    if (name == known) return static_cast<StepKind>(index);
    index++;
  }
  return StepKind::other;
}

Step read_step(ByteReader& reader) {
  Step step;
  step.kind_name = reader.text();
  step.kind = kind_of(step.kind_name);
  std::uint32_t inputs = reader.count();
  for (std::uint32_t i = 0; i < inputs && !reader.failed(); i++) {
    if (reader.read<std::uint8_t>() != 0)
      step.inputs.emplace_back(read_operand(reader));
    else
      step.inputs.emplace_back(std::nullopt);
  }
  std::uint32_t outputs = reader.count(16);
  for (std::uint32_t i = 0; i < outputs && !reader.failed(); i++) step.outputs.push_back(read_target(reader));
  step.attributes = read_attributes(reader);
  if (reader.read<std::uint8_t>() != 0) step.epilogue = read_expression(reader);
  std::uint32_t after = reader.count(4);
  for (std::uint32_t i = 0; i < after && !reader.failed(); i++) step.after.push_back(reader.read<std::int32_t>());
  return step;
}

Binding read_binding(ByteReader& reader) {
  Binding binding;
  binding.role = reader.enumeration<Role>(4);
  binding.name = reader.text();
  binding.bytes = reader.read<std::int64_t>();
  return binding;
}

Tensor read_tensor(ByteReader& reader) {
  Tensor tensor;
  tensor.type = reader.enumeration<Type>(type_count);
  tensor.shape = read_extents(reader, reader.count(8));
  tensor.binding = reader.read<std::int32_t>();
  tensor.offset = reader.read<std::int64_t>();
  return tensor;
}

Error bad_encoding(std::string found) {
  return {"bad-program", std::move(found), "a program as encodeProgram of the same version writes it",
          "Rebuild @halyard/native and the backend's addon so that both are of one version."};
}

/// Bytes of a dense tensor whose extents are known to be sound; each innermost row takes whole blocks.
std::int64_t byte_length(const Tensor& tensor) {
  const TypeLayout& layout = layout_of(tensor.type);
  std::int64_t innermost = tensor.shape.empty() ? 1 : tensor.shape.back();
  std::int64_t rows = 1;
  for (std::size_t axis = 0; axis + 1 < tensor.shape.size(); axis++) rows *= tensor.shape[axis];
  return rows * ((innermost + layout.elements - 1) / layout.elements) * layout.bytes;
}

/// Extents of at most 2^40 elements together, so that no product of them with a block's bytes overflows.
bool sound_extents(const Extents& shape) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  std::int64_t product = 1;
  for (std::int64_t extent : shape) {
    if (extent < 0 || extent > most) return false;
    std::int64_t factor = extent == 0 ? 1 : extent;
    if (product > most / factor) return false;
    product *= factor;
  }
  return true;
}

}  // namespace

Result<Program> decode_program(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  if (reader.read<std::uint32_t>() != magic) return bad_encoding("bytes that do not begin as a program");
  auto version = reader.read<std::uint32_t>();
  if (version != format_version) return bad_encoding("a program in binary format " + std::to_string(version));
  Program program;
  program.version_major = reader.read<std::uint32_t>();
  program.version_minor = reader.read<std::uint32_t>();
  program.workspace_bytes = reader.read<std::int64_t>();
  std::uint32_t bindings = reader.count(13);
  for (std::uint32_t i = 0; i < bindings && !reader.failed(); i++) program.bindings.push_back(read_binding(reader));
  std::uint32_t tensors = reader.count(17);
  for (std::uint32_t i = 0; i < tensors && !reader.failed(); i++) {
    Tensor tensor = read_tensor(reader);
    if (!sound_extents(tensor.shape)) reader.fail();
    if (reader.failed()) break;
    tensor.bytes = byte_length(tensor);
    program.tensors.push_back(std::move(tensor));
  }
  std::uint32_t steps = reader.count(21);
  for (std::uint32_t i = 0; i < steps && !reader.failed(); i++) program.steps.push_back(read_step(reader));
  std::uint32_t tuning = reader.count(4);
  for (std::uint32_t i = 0; i < tuning && !reader.failed(); i++) program.tuning.push_back(read_attributes(reader));
  if (reader.failed() || !reader.at_end())
    return bad_encoding("an encoded program that breaks off or goes wrong at byte " +
                        std::to_string(reader.position()) + " of " + std::to_string(bytes.size()));
  program.tuning.resize(program.steps.size());
  if (Failure failure = validate(program)) return *failure;
  return program;
}

}  // namespace halyard
