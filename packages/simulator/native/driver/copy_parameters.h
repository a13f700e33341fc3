#pragma once

#include "call.h"
#include "memory_work.h"

namespace halyard::simulator {

/// A copy of rows as a box of one slice. Of null a box of nothing.
CUDA_MEMCPY3D as_box(const CUDA_MEMCPY2D* parameters);

/// Throws CUDA_ERROR_INVALID_VALUE for what is null, not there, or pitched too narrowly.
std::shared_ptr<CopyWork> make_copy(Call& call, const CUDA_MEMCPY3D* parameters);

}  // namespace halyard::simulator
