#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "halyard/error.h"
#include "halyard/type.h"

/// Products of matrices that the vendor's own library does in place of a generated kernel.
namespace halyard {

/// What a library may round operands to as it multiplies, and what it adds up in.
enum class ProductCompute : std::uint8_t { float32, tfloat32, bfloat16, float16, int32 };
inline constexpr int product_compute_count = 5;

/// A matrix as BLAS has it, column-major: element (row, column) is at row + column · leading.
struct LibraryMatrix {
  Type type = Type::float32;
  /// What lies in memory is the transpose.
  bool is_transposed = false;
  /// Elements.
  std::int64_t leading = 0;
  /// Elements; 0 where all batches have the same matrix.
  std::int64_t batch_stride = 0;
  /// Bytes from the address that the launch's argument gives.
  std::int64_t offset = 0;
  /// Bytes; every address is a multiple.
  std::int64_t alignment = 1;
};

/// d [rows, columns] = a [rows, depth] · b [depth, columns], or that plus one number for each row of d. The launch's
/// arguments are a, b, d, the bias if there is one, and scratch memory if there is any.
struct LibraryProduct {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t depth = 0;
  std::int64_t batches = 1;
  ProductCompute compute = ProductCompute::float32;
  LibraryMatrix a;
  LibraryMatrix b;
  LibraryMatrix d;
  bool has_bias = false;
  /// As those of a matrix; its type is that of d.
  std::int64_t bias_offset = 0;
  std::int64_t bias_alignment = 1;
  /// In a question the most that may be had; in an answer, and in a launch, what there is.
  std::int64_t workspace_bytes = 0;
  /// The library's own description of how it goes about it; empty in a question.
  std::string algorithm;

  std::size_t argument_count() const { return 3 + (has_bias ? 1 : 0) + (workspace_bytes > 0 ? 1 : 0); }
};

/// Reads what `encodeProducts` (packages/native/src/encode-product.ts) writes. Fails with `bad-program`.
Result<std::vector<LibraryProduct>> decode_products(std::span<const std::byte> bytes);

}  // namespace halyard
