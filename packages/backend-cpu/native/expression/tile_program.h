#pragma once

#include <memory>
#include <vector>

#include "access.h"

namespace halyard::cpu {

/// What a tile program is made of. Values are numbered as in the contract: the operands (or what the caller gives), then
/// the inputs of the expression, then its instructions.
struct TileSpecification {
  Extents domain;
  TileAxes axes;
  /// Read from memory, prologue and all; or
  std::vector<const Operand*> operands;
  /// given by the caller in tiles, of these types.
  std::vector<Type> given;
  /// Null: the results are the values themselves.
  const Expression* expression = nullptr;
  /// Where results go; if there are none, the caller takes them as tiles
  std::vector<const Target*> targets;
  /// of this type.
  Type result_type = Type::float32;
  /// Orders and joins dimensions so that tiles are long; `shape` then tells the domain that is left, and tiles extend
  /// along its last two.
  bool collapse = false;
  /// Elements of a tile that serves the program well, a multiple of 32 up to what tiles have room for.
  std::int32_t tile_elements = cpu::tile_elements;
};

/// Rows of tiles in memory of the caller; `row_stride` counts lanes.
struct GivenTile {
  const void* data;
  std::int64_t row_stride;
};
struct TakenTile {
  void* data;
  std::int64_t row_stride;
};

/// A straight line of tile operations with its loads and stores. Immutable; runs on any thread, with its tiles on the
/// stack.
class TileProgram {
 public:
  /// Null after `context.refuse` for types and operators that are not there.
  static std::unique_ptr<TileProgram> compile(const CompileContext& context, const TileSpecification& specification);

  /// `tile.rows · tile.columns` is at most `tile_elements`.
  void run(const Frame& frame, const Tile& tile, const GivenTile* given = nullptr,
           const TakenTile* taken = nullptr) const;

  const Extents& shape() const { return shape_; }
  TileAxes axes() const { return axes_; }
  /// Of a tile that serves this program well.
  std::int32_t tile_rows() const { return tile_rows_; }
  std::int32_t tile_columns() const { return tile_columns_; }
  const Program& program() const { return *program_; }
  int given_count() const { return given_count_; }
  const std::vector<Access>& loads() const { return accesses_; }
  const std::vector<Access>& stores() const { return stores_; }
  std::size_t operations() const { return operations_.size(); }
  void store_past_caches(bool wish) { past_caches_ = wish; }

 private:
  friend class TileCompiler;

  struct Load {
    int value;
    int access;
    /// Never in place: a store comes before its last use.
    bool copy;
  };
  struct Operation {
    TileFunction function;
    int result;
    int a;
    int b;
    int c;
    bool on_splat;
  };
  struct Value {
    Type type;
    /// Sixteen equal elements instead of a tile.
    bool splat;
    /// Bytes from the start of the arena.
    std::int32_t slot = -1;
  };
  struct Constant {
    int value;
    alignas(64) std::byte bytes[128];
  };

  Extents shape_;
  TileAxes axes_;
  std::int32_t tile_rows_ = 1;
  std::int32_t tile_columns_ = tile_elements;
  const Program* program_ = nullptr;
  const ExpressionKernels* kernels_ = nullptr;
  std::vector<Value> values_;
  int given_count_ = 0;
  std::vector<Access> accesses_;
  std::vector<Load> loads_;
  std::vector<Constant> constants_;
  std::vector<Operation> operations_;
  std::vector<Access> stores_;
  std::vector<int> results_;
  /// Whether the last operation may write its result to memory straight.
  bool straight_ = false;
  bool past_caches_ = false;
  /// Of the tiles of all values that live at once, at least 1.
  std::int32_t arena_bytes_ = 64;
};

}  // namespace halyard::cpu
