#include "operand_reader.h"

#include <algorithm>

#include "domain.h"

namespace halyard::cpu {

OperandReader::OperandReader(const CompileContext& context, const Operand& operand) {
  TileSpecification specification;
  specification.domain = operand.shape;
  specification.axes = last_axes(specification.domain);
  specification.operands = {&operand};
  program_ = TileProgram::compile(context, specification);
  if (!program_) return;
  const int column = program_->axes().column;
  direct_ = !operand.prologue && !operand.quantization && context.program.type_of(operand) == Type::float32 &&
            (column < 0 || operand.strides[static_cast<std::size_t>(column)] == 1);
}

OperandReader::~OperandReader() = default;

const float* OperandReader::direct(const Frame& frame, std::int64_t batch, std::int64_t row, std::int64_t column,
                                   std::int64_t& row_stride) const {
  const Access& load = program_->loads()[0];
  const Index index = index_of(program_->shape(), batch, row, column);
  row_stride = program_->axes().row < 0 ? 0 : load.strides[static_cast<std::size_t>(program_->axes().row)];
  const Tensor& tensor = program_->program().tensors[static_cast<std::size_t>(load.tensor)];
  return reinterpret_cast<const float*>(address(frame, tensor)) + element_of(load, index.data());
}

void OperandReader::read(const Frame& frame, std::int64_t batch, std::int64_t row, std::int64_t column, int rows,
                         int columns, float* to, std::int64_t row_stride) const {
  const int wide = std::min(columns, static_cast<int>(tile_elements));
  const int tall = std::max(1, tile_elements / std::max(wide, 1));
  Index index = index_of(program_->shape(), batch, row, column);
  const TileAxes axes = program_->axes();
  for (int i = 0; i < rows; i += tall) {
    if (axes.row >= 0) index[static_cast<std::size_t>(axes.row)] = row + i;
    for (int j = 0; j < columns; j += wide) {
      if (axes.column >= 0) index[static_cast<std::size_t>(axes.column)] = column + j;
      const TakenTile taken{to + i * row_stride + j, row_stride};
      program_->run(frame, {index.data(), std::min(tall, rows - i), std::min(wide, columns - j)}, nullptr, &taken);
    }
  }
}

}  // namespace halyard::cpu
