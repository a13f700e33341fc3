#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "halyard/error.h"
#include "halyard/library_product.h"
#include "halyard/program.h"

/// What an addon's TypeScript side generated for a program: compiled modules and the launches that make up a run.
namespace halyard {

/// Constants wanted in a layout of the device's own; the contract's Packed.
struct Packed {
  std::vector<std::int32_t> constants;
  std::string layout;
  std::int64_t bytes = 0;
};

/// A box of elements of a strided view, as bulk copies between global and shared memory take it.
struct TensorMap {
  /// Bytes from the argument's address to the first element.
  std::int64_t offset = 0;
  std::uint32_t element_bytes = 0;
  /// Elements, of at most five dimensions; the first is dense.
  std::vector<std::int64_t> extents;
  /// Bytes, of every dimension but the first.
  std::vector<std::int64_t> strides;
  /// Elements that one copy takes, for each dimension.
  std::vector<std::uint32_t> box;
};

/// One parameter of a kernel: an address that a binding table resolves, or a number.
struct KernelArgument {
  enum class Kind : std::uint8_t { binding, workspace, scratch, packed, int32, int64, float32 };
  static constexpr int kind_count = 7;

  Kind kind = Kind::int32;
  /// Index of a binding or packed entry, byte offset in workspace or scratch, or the value itself.
  std::int64_t integer = 0;
  double number = 0;
  /// Of an address: the parameter is not the address, but what the driver makes of the view at it.
  std::optional<TensorMap> map;

  bool is_address() const { return kind <= Kind::packed; }
};

/// A kernel, or a product that the vendor's library does: then module, grid and block mean nothing.
struct Launch {
  std::int32_t step = 0;
  std::int32_t module = 0;
  std::string kernel;
  std::array<std::uint32_t, 3> grid{1, 1, 1};
  std::array<std::uint32_t, 3> block{1, 1, 1};
  std::uint32_t dynamic_shared_bytes = 0;
  std::vector<KernelArgument> arguments;
  /// Earlier launches to wait for.
  std::vector<std::int32_t> after;
  std::optional<LibraryProduct> product;
};

struct GeneratedKernels {
  /// In whatever form the device's driver loads: PTX, a code object.
  std::vector<std::string> modules;
  /// In an order that may be run as it stands.
  std::vector<Launch> launches;
  /// Behind the program's own workspace.
  std::int64_t scratch_bytes = 0;
  std::vector<Packed> packed;
};

/// Reads the binary form that `encodeKernels` (packages/native/src/encode-kernels.ts) writes. Trusts nothing: every index
/// is checked against the program. Fails with `bad-program`.
Result<GeneratedKernels> decode_kernels(std::span<const std::byte> bytes, const Program& program);

}  // namespace halyard
