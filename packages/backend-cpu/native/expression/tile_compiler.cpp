#include "tile_compiler.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace halyard::cpu {
namespace {

bool is_tile_type(Type type) {
  switch (type) {
    case Type::float8e4m3:
    case Type::float8e5m2:
    case Type::int4:
    case Type::uint4:
      return false;
    default:
      return true;
  }
}

Access access_of(const Program& program, const View& view) {
  Access access;
  access.tensor = view.tensor;
  access.type = program.type_of(view);
  access.offset = view.offset;
  access.strides = view.strides;
  return access;
}

}  // namespace

TileCompiler::TileCompiler(const CompileContext& context, const TileSpecification& specification)
    : context_(context), specification_(specification), program_(new TileProgram()) {
  program_->program_ = &context.program;
  program_->kernels_ = &expression_kernels_of(context.level);
  program_->shape_ = specification.domain;
  program_->axes_ = specification.axes;
}

void TileCompiler::refuse(std::string reason) { context_.refuse(std::move(reason)); }

void TileCompiler::declare_view(const View& view) { program_->accesses_.push_back(access_of(context_.program, view)); }

void TileCompiler::declare_blocked(const View& view, const Extents& block) {
  Access access = access_of(context_.program, view);
  access.block = block;
  program_->accesses_.push_back(std::move(access));
}

void TileCompiler::declare_operand(const Operand& operand) {
  declare_view(operand);
  if (operand.quantization) {
    declare_blocked(operand.quantization->scale, operand.quantization->block);
    if (operand.quantization->zero_point)
      declare_blocked(*operand.quantization->zero_point, operand.quantization->block);
  }
  if (operand.prologue) declare_expression(*operand.prologue);
}

void TileCompiler::declare_expression(const Expression& expression) {
  for (const View& input : expression.inputs) declare_view(input);
  for (const Instruction& instruction : expression.body) {
    if (instruction.op != ScalarOperator::coordinate) continue;
    Access access;
    access.is_coordinate = true;
    access.strides.assign(specification_.domain.size(), 0);
    access.strides[static_cast<std::size_t>(instruction.integer)] = 1;
    program_->accesses_.push_back(std::move(access));
  }
}

void TileCompiler::declare_target(const Target& target) {
  Access access = access_of(context_.program, target);
  if (target.rows) {
    const View& indices = target.rows->indices;
    const auto axis = static_cast<std::size_t>(target.rows->axis);
    access.rows = Access::Rows{target.rows->axis, target.strides[axis],      target.shape[axis],  indices.tensor,
                               context_.program.type_of(indices), indices.offset, indices.strides[0]};
    access.strides[axis] = 0;
  }
  targets_.push_back(std::move(access));
}

std::unique_ptr<TileProgram> TileCompiler::compile() {
  for (const Operand* operand : specification_.operands) declare_operand(*operand);
  if (specification_.expression != nullptr) declare_expression(*specification_.expression);
  for (const Target* target : specification_.targets) declare_target(*target);
  for (const Access& access : program_->accesses_)
    if (!is_tile_type(access.type)) {
      refuse("reading " + std::string(name_of(access.type)) + " is not done");
      return nullptr;
    }
  if (specification_.collapse) {
    collapse(program_->shape_, program_->accesses_, targets_);
    const int rank = static_cast<int>(program_->shape_.size());
    program_->axes_ = {rank > 1 ? rank - 2 : -1, rank - 1};
  }
  choose_tile();

  Values values;
  for (Type type : specification_.given) values.push_back(add_value(type, false));
  program_->given_count_ = static_cast<int>(values.size());
  for (const Operand* operand : specification_.operands) {
    std::optional<int> value = emit_operand(*operand);
    if (!value) return nullptr;
    values.push_back(*value);
  }
  if (specification_.expression != nullptr) {
    std::optional<Values> results = emit_expression(*specification_.expression, std::move(values));
    if (!results) return nullptr;
    values = std::move(*results);
  }
  if (!emit_results(values) || !assign_slots()) return nullptr;
  program_->stores_ = std::move(targets_);
  return std::move(program_);
}

/// Ends with every result as a whole tile of the type it is stored as.
bool TileCompiler::emit_results(const Values& values) {
  const std::size_t count = targets_.empty() ? values.size() : targets_.size();
  if (count > values.size()) {
    refuse("there are fewer results than outputs");
    return false;
  }
  for (std::size_t i = 0; i < count; i++) {
    const Type wanted = targets_.empty() ? specification_.result_type : targets_[i].type;
    if (!is_tile_type(wanted)) {
      refuse("writing " + std::string(name_of(wanted)) + " is not done");
      return false;
    }
    int value = values[i];
    // Between floats, and between a type and itself, storing converts.
    const bool same = value_at(value).type == wanted || (is_float(wanted) && lane_of(value_at(value).type) == Lane::f32);
    if (!same) {
      std::optional<int> converted = emit_cast(value, wanted);
      if (!converted) return false;
      value = *converted;
    }
    if (value_at(value).splat) value = spread(value);
    program_->results_.push_back(value);
  }
  if (program_->results_.size() > 1)
    for (TileProgram::Load& load : program_->loads_) load.copy = true;
  const bool one = program_->results_.size() == 1 && !program_->operations_.empty();
  const bool plain = targets_.empty() || (targets_[0].type == Type::float32 && !targets_[0].rows);
  if (one && plain && lane_of(value_at(program_->results_[0]).type) == Lane::f32) {
    const TileProgram::Operation& last = program_->operations_.back();
    program_->straight_ = last.result == program_->results_[0] && !last.on_splat;
  }
  return true;
}

void TileCompiler::choose_tile() {
  const TileAxes axes = program_->axes_;
  const Extents& shape = program_->shape_;
  const std::int32_t wished = specification_.tile_elements;
  if (axes.column < 0) return;
  const std::int64_t extent = std::max<std::int64_t>(shape[static_cast<std::size_t>(axes.column)], 1);
  const std::int64_t rows = axes.row < 0 ? 1 : shape[static_cast<std::size_t>(axes.row)];
  if (axes.row >= 0 && extent > 32 && rows >= 16) {
    for (const Access& access : program_->accesses_) {
      const std::int64_t across = access.strides[static_cast<std::size_t>(axes.column)];
      const std::int64_t down = access.strides[static_cast<std::size_t>(axes.row)];
      if ((across > 8 || across < -8) && (down == 1 || down == -1)) {
        // A transposition: squares, so that the lines read are used whole.
        program_->tile_columns_ = 32;
        program_->tile_rows_ = wished / 32;
        return;
      }
    }
  }
  if (extent >= wished) {
    const std::int64_t pieces = (extent + wished - 1) / wished;
    program_->tile_columns_ = extent % wished == 0
                                  ? wished
                                  : static_cast<std::int32_t>(((extent + pieces - 1) / pieces + 15) / 16 * 16);
    program_->tile_rows_ = 1;
    return;
  }
  program_->tile_columns_ = static_cast<std::int32_t>(extent);
  program_->tile_rows_ = static_cast<std::int32_t>(std::max<std::int64_t>(wished / extent, 1));
}

int TileCompiler::add_value(Type type, bool splat) {
  program_->values_.push_back({type, splat, -1});
  constant_values_.emplace_back();
  return static_cast<int>(program_->values_.size()) - 1;
}

std::unique_ptr<TileProgram> TileProgram::compile(const CompileContext& context,
                                                  const TileSpecification& specification) {
  return TileCompiler(context, specification).compile();
}

const ExpressionKernels& expression_kernels_of(Level level) {
#if defined(__x86_64__)
  if (includes(level, Level::avx512)) return expression_avx512;
  if (includes(level, Level::avx2)) return expression_avx2;
#elif defined(__aarch64__)
  if (includes(level, Level::neon)) return expression_neon;
#endif
  (void)level;
  return expression_portable;
}

}  // namespace halyard::cpu
