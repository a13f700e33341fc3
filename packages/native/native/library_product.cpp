#include "library_product.h"

#include "halyard/types.h"

namespace halyard {
namespace {

/// Bytes that a product takes without its algorithm.
constexpr std::size_t product_bytes = 4 * 8 + 1 + 3 * 34 + 1 + 3 * 8 + 4;

LibraryMatrix read_matrix(ByteReader& reader) {
  LibraryMatrix matrix;
  matrix.type = reader.enumeration<Type>(type_count);
  matrix.is_transposed = reader.read<std::uint8_t>() != 0;
  matrix.leading = reader.read<std::int64_t>();
  matrix.batch_stride = reader.read<std::int64_t>();
  matrix.offset = reader.read<std::int64_t>();
  matrix.alignment = reader.read<std::int64_t>();
  if (matrix.leading < 1 || matrix.batch_stride < 0 || matrix.offset < 0 || matrix.alignment < 1) reader.fail();
  return matrix;
}

}  // namespace

LibraryProduct read_product(ByteReader& reader) {
  LibraryProduct product;
  for (std::int64_t* extent : {&product.rows, &product.columns, &product.depth, &product.batches}) {
    *extent = reader.read<std::int64_t>();
    if (*extent < 1) reader.fail();
  }
  product.compute = reader.enumeration<ProductCompute>(product_compute_count);
  for (LibraryMatrix* matrix : {&product.a, &product.b, &product.d}) *matrix = read_matrix(reader);
  product.has_bias = reader.read<std::uint8_t>() != 0;
  product.bias_offset = reader.read<std::int64_t>();
  product.bias_alignment = reader.read<std::int64_t>();
  product.workspace_bytes = reader.read<std::int64_t>();
  product.algorithm = reader.text();
  if (product.bias_offset < 0 || product.bias_alignment < 1 || product.workspace_bytes < 0) reader.fail();
  return product;
}

Result<std::vector<LibraryProduct>> decode_products(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  std::vector<LibraryProduct> products(reader.count(product_bytes));
  for (LibraryProduct& product : products) product = read_product(reader);
  if (!reader.failed() && reader.at_end()) return products;
  return Error{"bad-program", "products that are cut short, go on behind their end, or make no sense",
               "products as the generator writes them",
               "Use packages of the same version for the backend and @halyard/native."};
}

}  // namespace halyard
