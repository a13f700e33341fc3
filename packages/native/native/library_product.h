#pragma once

#include "byte_reader.h"
#include "halyard/library_product.h"

namespace halyard {

/// One product; fails the reader where it makes no sense.
LibraryProduct read_product(ByteReader& reader);

}  // namespace halyard
