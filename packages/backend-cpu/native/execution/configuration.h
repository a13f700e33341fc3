#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "halyard/error.h"
#include "halyard/program.h"

namespace halyard::cpu {

/// A number by which kernels of a kind go, and which a tuning table may set. `otherwise` stands where none does.
struct Knob {
  std::string_view name;
  std::int64_t otherwise;
  std::int64_t least;
  std::int64_t most;
  /// Values are multiples of it.
  std::int64_t multiple = 1;
};

namespace knobs {

/// Of every kind. Elements below which a step is not worth waking threads for; a program whose steps together are below
/// the smallest of them runs on one thread.
inline constexpr Knob parallel_elements{"parallelElements", 64 * 1024, 0, std::int64_t{1} << 40};

/// Of map. Elements that an expression is evaluated over at a time; no more than tiles have room for.
inline constexpr Knob tile_elements{"tileElements", 512, 32, 512, 32};

/// Of reduce and (for softmax) normalize. Elements from which on a single line is worth several threads.
inline constexpr Knob split_elements{"splitElements", 16 * 1024, 512, std::int64_t{1} << 40};
/// Of normalize. Elements of the lines that are taken together.
inline constexpr Knob group_elements{"groupElements", 64 * 1024, 512, 1 << 24};

/// Of float32 matmul. Elements along K whose products are summed in registers before results go back to memory, where
/// panels are packed and where B is read in place;
inline constexpr Knob depth{"depth", 512, 16, 1 << 16, 4};
inline constexpr Knob in_place_depth{"inPlaceDepth", 8, 4, 1 << 16, 4};
/// rows of A that pass by a group of columns while it is in the second-level cache;
inline constexpr Knob row_group{"rowGroup", 96, 1, 1 << 16};
/// columns of such a group, packed and in place;
inline constexpr Knob column_group{"columnGroup", 192, 64, 1 << 16, 64};
inline constexpr Knob in_place_columns{"inPlaceColumns", 4096, 64, 1 << 20, 64};
/// bytes of a group that is brought into panels on the way.
inline constexpr Knob panel_bytes{"panelBytes", 128 * 1024, 4096, 1 << 24};

/// Of block-quantized matmul. Bytes of weights that are expanded at a time; of activations that stay in the second-level
/// cache while columns pass by; columns that one thread takes at a time where there is a single row.
inline constexpr Knob expanded_bytes{"expandedBytes", 16 * 1024, 512, 1 << 24};
inline constexpr Knob activation_bytes{"activationBytes", 192 * 1024, 4096, 1 << 26};
inline constexpr Knob vector_columns{"vectorColumns", 256, 64, 1 << 16, 64};

/// Of attention. Keys that are scored at a time; query rows (of all heads of a group) that share them; query rows up to
/// which keys are shared out among threads.
inline constexpr Knob key_block{"keyBlock", 64, 16, 1024, 16};
inline constexpr Knob query_rows{"queryRows", 96, 1, 4096};
inline constexpr Knob split_rows{"splitRows", 16, 0, 4096};

}  // namespace knobs

/// What steps of a kind go by.
std::span<const Knob> knobs_of(StepKind kind);

/// What is wrong with a configuration for steps of a kind: a knob that there is not, a value that is no number, out of
/// range or no multiple of what it has to be. `bad-argument`.
Failure check_configuration(StepKind kind, std::string_view kind_name, const Attributes& given);

/// A knob of a configuration that has been checked.
std::int64_t configured(const Attributes& given, const Knob& knob);

/// Writes a knob down as it is in effect.
void report(Attributes& configuration, const Knob& knob, std::int64_t value);

}  // namespace halyard::cpu
