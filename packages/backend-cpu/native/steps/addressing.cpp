#include "addressing.h"

#include <algorithm>
#include <cstring>

namespace halyard::cpu {

std::unique_ptr<IndexReader> IndexReader::make(const CompileContext& context, const Operand& operand) {
  auto reader = std::make_unique<IndexReader>();
  reader->program_ = &context.program;
  reader->kernels_ = &expression_kernels_of(context.level);
  reader->access_.tensor = operand.tensor;
  reader->access_.type = context.program.type_of(operand);
  reader->access_.offset = operand.offset;
  reader->access_.strides = operand.strides;
  const bool plain = !operand.prologue && !operand.quantization &&
                     (reader->access_.type == Type::int32 || reader->access_.type == Type::int64);
  if (plain) return reader;
  TileSpecification reading;
  reading.domain = operand.shape;
  reading.operands = {&operand};
  reading.result_type = Type::int64;
  reader->reader_ = TileProgram::compile(context, reading);
  return reader->reader_ ? std::move(reader) : nullptr;
}

std::int64_t IndexReader::at(const Frame& frame, const Index& index) const {
  std::int64_t wide;
  if (reader_) {
    const TakenTile taken{&wide, 1};
    reader_->run(frame, {index.data(), 1, 1}, nullptr, &taken);
    return wide;
  }
  const std::byte* base = address(frame, program_->tensors[static_cast<std::size_t>(access_.tensor)]);
  const std::int64_t element = element_of(access_, index.data());
  if (access_.type == Type::int64) {
    std::memcpy(&wide, base + element * 8, 8);
    return wide;
  }
  std::int32_t narrow;
  std::memcpy(&narrow, base + element * 4, 4);
  return narrow;
}

std::unique_ptr<Addressing> Addressing::make(const CompileContext& context, const Step& step, const Extents& shape,
                                             const Operand& indices) {
  auto addressing = std::make_unique<Addressing>();
  const std::string form = step.attributes.text("form");
  addressing->form_ = form == "rows" ? Form::rows : form == "elements" ? Form::elements : Form::nd;
  addressing->axis_ = static_cast<std::size_t>(step.attributes.integer("axis"));
  addressing->shape_ = shape;
  addressing->indices_shape_ = indices.shape;
  Extents& gathered = addressing->gathered_;
  switch (addressing->form_) {
    case Form::rows: {
      const auto axis = static_cast<std::ptrdiff_t>(addressing->axis_);
      gathered.assign(shape.begin(), shape.begin() + axis);
      gathered.insert(gathered.end(), indices.shape.begin(), indices.shape.end());
      gathered.insert(gathered.end(), shape.begin() + axis + 1, shape.end());
      addressing->runs_ = addressing->axis_ + 1 < shape.size();
      break;
    }
    case Form::elements:
      gathered = indices.shape;
      break;
    case Form::nd:
      addressing->depth_ = static_cast<std::size_t>(indices.shape.back());
      gathered.assign(indices.shape.begin(), indices.shape.end() - 1);
      gathered.insert(gathered.end(), shape.begin() + static_cast<std::ptrdiff_t>(addressing->depth_), shape.end());
      addressing->runs_ = addressing->depth_ < shape.size();
      break;
  }
  addressing->indices_ = IndexReader::make(context, indices);
  return addressing->indices_ ? std::move(addressing) : nullptr;
}

bool Addressing::resolve(std::int64_t index, std::size_t axis, bool clamp, Index& place) const {
  const std::int64_t extent = shape_[axis];
  if (index < 0) index += extent;
  if (clamp) index = std::clamp<std::int64_t>(index, 0, extent - 1);
  place[axis] = index;
  return index >= 0 && index < extent;
}

bool Addressing::locate(const Frame& frame, const Index& at, bool clamp, Index& place) const {
  Index index{};
  const std::size_t rank = shape_.size();
  switch (form_) {
    case Form::rows: {
      const std::size_t named = indices_shape_.size();
      for (std::size_t axis = 0; axis < axis_; axis++) place[axis] = at[axis];
      for (std::size_t axis = 0; axis < named; axis++) index[axis] = at[axis_ + axis];
      for (std::size_t axis = axis_ + 1; axis < rank; axis++) place[axis] = at[axis + named - 1];
      return resolve(indices_->at(frame, index), axis_, clamp, place);
    }
    case Form::elements:
      for (std::size_t axis = 0; axis < rank; axis++) place[axis] = at[axis];
      return resolve(indices_->at(frame, at), axis_, clamp, place);
    case Form::nd: {
      const std::size_t tuples = indices_shape_.size() - 1;
      for (std::size_t axis = 0; axis < tuples; axis++) index[axis] = at[axis];
      for (std::size_t axis = depth_; axis < rank; axis++) place[axis] = at[tuples + axis - depth_];
      bool inside = true;
      for (std::size_t axis = 0; axis < depth_; axis++) {
        index[tuples] = static_cast<std::int64_t>(axis);
        inside = resolve(indices_->at(frame, index), axis, clamp, place) && inside;
      }
      return inside;
    }
  }
  return false;
}

}  // namespace halyard::cpu
