#pragma once

#include <cstdint>
#include <optional>

#include "../kernels/rows.h"
#include "held_value.h"

namespace halyard::cpu {

/// What is known of a line so far: a value as its tile holds it, and the place of an extreme or a sum of exponentials.
struct LineState {
  union {
    float number;
    std::int32_t integer;
    std::int64_t wide;
  };
  union {
    std::int64_t place;
    double sum;
  };
};

/// The arithmetic of `reduce`, over tiles of one type.
class LineReduction {
 public:
  /// `element`: the type of what is read.
  static std::optional<LineReduction> make(const CompileContext& context, const Step& step, Type element);

  /// The type that lines are read as, and that of the results.
  Type type() const { return type_; }
  Type result_type() const { return result_type_; }

  void begin(LineState* states, std::int64_t lines) const;
  /// A tile [line][place], the first place being `place`.
  void take_rows(LineState* states, const std::byte* tile, std::int64_t lines, std::int64_t places,
                 std::int64_t place) const;
  /// A tile [place][line].
  void take_columns(LineState* states, const std::byte* tile, std::int64_t lines, std::int64_t places,
                    std::int64_t place) const;
  /// Takes in what was found in later places.
  void join(LineState* states, const LineState* later, std::int64_t lines) const;
  /// Results as tiles hold them.
  void finish(const LineState* states, std::int64_t lines, std::byte* results) const;

 private:
  enum class Kind { fold, place, log_sum };

  template <typename As>
  void take(LineState* states, const std::byte* tile, std::int64_t lines, std::int64_t places, std::int64_t place,
            std::int64_t line_stride, std::int64_t place_stride) const;
  void take_float_rows(LineState* states, const float* tile, std::int64_t lines, std::int64_t places) const;

  Kind kind_ = Kind::fold;
  Combine combine_ = Combine::sum;
  Type type_ = Type::float32;
  Type result_type_ = Type::float32;
  const RowKernels* rows_ = nullptr;
  /// Of a fold of floats, over rows.
  TileFunction join_rows_ = nullptr;
};

}  // namespace halyard::cpu
