#include "epilogue.h"

#include <algorithm>

#include "domain.h"

namespace halyard::cpu {

Epilogue::Epilogue(const CompileContext& context, const Step& step, int results) {
  TileSpecification specification;
  specification.domain = result_shape(step.outputs[0]);
  specification.axes = last_axes(specification.domain);
  specification.given.assign(static_cast<std::size_t>(results), Type::float32);
  specification.expression = step.epilogue ? &*step.epilogue : nullptr;
  specification.targets = targets_of(step);
  // Attention stores its second output itself.
  if (step.kind == StepKind::attention) specification.targets.resize(1);
  program_ = TileProgram::compile(context, specification);
  if (!program_) return;
  const Access& store = program_->stores()[0];
  const int column = program_->axes().column;
  direct_ = !step.epilogue && step.outputs.size() == 1 && store.type == Type::float32 && !store.rows &&
            (column < 0 || store.strides[static_cast<std::size_t>(column)] == 1);
}

Epilogue::~Epilogue() = default;

float* Epilogue::direct(const Frame& frame, std::int64_t batch, std::int64_t row, std::int64_t column,
                        std::int64_t& row_stride) const {
  const Access& store = program_->stores()[0];
  const Index index = index_of(program_->shape(), batch, row, column);
  row_stride = program_->axes().row < 0 ? 0 : store.strides[static_cast<std::size_t>(program_->axes().row)];
  const Tensor& tensor = program_->program().tensors[static_cast<std::size_t>(store.tensor)];
  return reinterpret_cast<float*>(address(frame, tensor)) + element_of(store, index.data());
}

void Epilogue::store(const Frame& frame, std::int64_t batch, std::int64_t row, std::int64_t column, int rows,
                     int columns, const float* const* results, std::int64_t row_stride) const {
  constexpr std::size_t most = 16;
  GivenTile given[most];
  const auto count = static_cast<std::size_t>(program_->given_count());
  const int wide = std::min(columns, static_cast<int>(tile_elements));
  const int tall = std::max(1, tile_elements / std::max(wide, 1));
  Index index = index_of(program_->shape(), batch, row, column);
  const TileAxes axes = program_->axes();
  for (int i = 0; i < rows; i += tall) {
    if (axes.row >= 0) index[static_cast<std::size_t>(axes.row)] = row + i;
    for (int j = 0; j < columns; j += wide) {
      if (axes.column >= 0) index[static_cast<std::size_t>(axes.column)] = column + j;
      for (std::size_t result = 0; result < count && result < most; result++)
        given[result] = {results[result] + i * row_stride + j, row_stride};
      program_->run(frame, {index.data(), std::min(tall, rows - i), std::min(wide, columns - j)}, given);
    }
  }
}

}  // namespace halyard::cpu
