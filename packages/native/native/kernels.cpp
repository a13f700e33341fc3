#include "halyard/kernels.h"

#include <algorithm>

#include "byte_reader.h"
#include "library_product.h"

namespace halyard {
namespace {

constexpr std::uint32_t magic = 0x4b594c48;  // "HLYK"
constexpr std::uint32_t format_version = 3;

Error malformed(std::string found) {
  return {"bad-program", std::move(found), "kernels as the generator writes them",
          "Use packages of the same version for the backend and @halyard/native."};
}

std::array<std::uint32_t, 3> read_extents(ByteReader& reader) {
  std::array<std::uint32_t, 3> extents{};
  for (std::uint32_t& extent : extents) extent = reader.read<std::uint32_t>();
  return extents;
}

std::vector<std::int32_t> read_indices(ByteReader& reader) {
  std::vector<std::int32_t> indices(reader.count(4));
  for (std::int32_t& index : indices) index = reader.read<std::int32_t>();
  return indices;
}

TensorMap read_tensor_map(ByteReader& reader) {
  TensorMap map;
  map.offset = reader.read<std::int64_t>();
  map.element_bytes = reader.read<std::uint32_t>();
  const std::size_t rank = reader.count(12);
  map.extents.resize(rank);
  map.strides.resize(rank > 0 ? rank - 1 : 0);
  map.box.resize(rank);
  for (std::int64_t& extent : map.extents) extent = reader.read<std::int64_t>();
  for (std::int64_t& stride : map.strides) stride = reader.read<std::int64_t>();
  for (std::uint32_t& extent : map.box) extent = reader.read<std::uint32_t>();
  return map;
}

KernelArgument read_argument(ByteReader& reader) {
  KernelArgument argument;
  argument.kind = reader.enumeration<KernelArgument::Kind>(KernelArgument::kind_count);
  argument.integer = reader.read<std::int64_t>();
  argument.number = reader.read<double>();
  if (reader.read<std::uint8_t>() != 0) argument.map = read_tensor_map(reader);
  return argument;
}

Launch read_launch(ByteReader& reader) {
  Launch launch;
  launch.step = reader.read<std::int32_t>();
  launch.module = reader.read<std::int32_t>();
  launch.kernel = reader.text();
  launch.grid = read_extents(reader);
  launch.block = read_extents(reader);
  launch.dynamic_shared_bytes = reader.read<std::uint32_t>();
  launch.arguments.resize(reader.count(18));
  for (KernelArgument& argument : launch.arguments) argument = read_argument(reader);
  launch.after = read_indices(reader);
  if (reader.read<std::uint8_t>() != 0) launch.product = read_product(reader);
  return launch;
}

Packed read_packed(ByteReader& reader) {
  Packed packed;
  packed.constants = read_indices(reader);
  packed.layout = reader.text();
  packed.bytes = reader.read<std::int64_t>();
  return packed;
}

bool is_index(std::int64_t index, std::size_t count) {
  return index >= 0 && static_cast<std::size_t>(index) < count;
}

bool is_sound(const TensorMap& map) {
  auto positive = [](auto extent) { return extent > 0; };
  return map.offset >= 0 && map.element_bytes > 0 && !map.extents.empty() && map.extents.size() <= 5 &&
         std::all_of(map.extents.begin(), map.extents.end(), positive) &&
         std::all_of(map.strides.begin(), map.strides.end(), positive) &&
         std::all_of(map.box.begin(), map.box.end(), positive);
}

bool is_sound(const KernelArgument& argument, const GeneratedKernels& kernels, const Program& program) {
  if (argument.map && !(argument.is_address() && is_sound(*argument.map))) return false;
  switch (argument.kind) {
    case KernelArgument::Kind::binding: return is_index(argument.integer, program.bindings.size());
    case KernelArgument::Kind::packed: return is_index(argument.integer, kernels.packed.size());
    case KernelArgument::Kind::workspace: return argument.integer >= 0 && argument.integer <= program.workspace_bytes;
    case KernelArgument::Kind::scratch: return argument.integer >= 0 && argument.integer <= kernels.scratch_bytes;
    default: return true;
  }
}

bool is_sound(std::size_t index, const GeneratedKernels& kernels, const Program& program) {
  const Launch& launch = kernels.launches[index];
  auto positive = [](const std::array<std::uint32_t, 3>& extents) {
    return std::all_of(extents.begin(), extents.end(), [](std::uint32_t extent) { return extent > 0; });
  };
  const bool is_kernel =
      is_index(launch.module, kernels.modules.size()) && positive(launch.grid) && positive(launch.block);
  const bool has_addresses = std::all_of(launch.arguments.begin(), launch.arguments.end(), [](const auto& argument) {
    return argument.is_address() && !argument.map;
  });
  const bool is_done_by_somebody =
      launch.product ? has_addresses && launch.arguments.size() == launch.product->argument_count() : is_kernel;
  return is_index(launch.step, program.steps.size()) && is_done_by_somebody &&
         std::all_of(launch.after.begin(), launch.after.end(),
                     [index](std::int32_t before) { return is_index(before, index); }) &&
         std::all_of(launch.arguments.begin(), launch.arguments.end(),
                     [&](const KernelArgument& argument) { return is_sound(argument, kernels, program); });
}

bool is_sound(const Packed& packed, const Program& program) {
  return packed.bytes >= 0 && std::all_of(packed.constants.begin(), packed.constants.end(), [&](std::int32_t constant) {
           return is_index(constant, program.bindings.size()) &&
                  program.bindings[static_cast<std::size_t>(constant)].role == Role::constant;
         });
}

}  // namespace

Result<GeneratedKernels> decode_kernels(std::span<const std::byte> bytes, const Program& program) {
  ByteReader reader(bytes);
  if (reader.read<std::uint32_t>() != magic || reader.read<std::uint32_t>() != format_version)
    return malformed("kernels of another format");
  GeneratedKernels kernels;
  kernels.scratch_bytes = reader.read<std::int64_t>();
  kernels.modules.resize(reader.count(4));
  for (std::string& module : kernels.modules) module = reader.text();
  kernels.packed.resize(reader.count(16));
  for (Packed& packed : kernels.packed) packed = read_packed(reader);
  kernels.launches.resize(reader.count(49));
  for (Launch& launch : kernels.launches) launch = read_launch(reader);
  if (reader.failed() || !reader.at_end()) return malformed("kernels that are cut short or go on behind their end");
  if (kernels.scratch_bytes < 0) return malformed("a negative size of scratch memory");
  for (const Packed& packed : kernels.packed)
    if (!is_sound(packed, program)) return malformed("a packed entry of what is no constant of the program");
  for (std::size_t i = 0; i < kernels.launches.size(); i++)
    if (!is_sound(i, kernels, program))
      return malformed("launch " + std::to_string(i) + " (" + kernels.launches[i].kernel + ") that names what is not there");
  return kernels;
}

}  // namespace halyard
