#include "validate_step.h"

namespace halyard {
namespace {

Complaint say(std::string found, std::string expected) { return ComplaintText{std::move(found), std::move(expected)}; }

bool is_index(Type type) { return type == Type::int32 || type == Type::int64; }

const Extents& shape(const Step& step, std::size_t input) { return step.inputs[input]->shape; }

bool valid_axis(const Step& step, const char* name, std::size_t rank) {
  const Attributes::Value* value = step.attributes.find(name);
  if (value == nullptr || !std::holds_alternative<double>(*value)) return false;
  std::int64_t axis = step.attributes.integer(name, -1);
  return axis >= 0 && axis < static_cast<std::int64_t>(rank);
}

Complaint check_axes(const Step& step, std::size_t rank) {
  std::vector<bool> seen(rank, false);
  for (std::int64_t axis : step.attributes.integers("axes")) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(rank) || seen[static_cast<std::size_t>(axis)])
      return say("axes that do not name " + std::to_string(rank) + " dimensions", "distinct axes below the rank");
    seen[static_cast<std::size_t>(axis)] = true;
  }
  return std::nullopt;
}

Complaint check_reduce(const Step& step) {
  const Extents& x = shape(step, 0);
  if (Complaint complaint = check_axes(step, x.size())) return complaint;
  Extents expected = x;
  std::vector<std::int64_t> axes = step.attributes.integers("axes");
  for (std::int64_t axis : axes) expected[static_cast<std::size_t>(axis)] = 1;
  if (step.outputs[0].shape != expected) return say("an output of another shape", "the input's, 1 on the axes");
  std::string combine = step.attributes.text("combine");
  if ((combine == "argMin" || combine == "argMax") &&
      (axes.size() != 1 || x[static_cast<std::size_t>(axes[0])] == 0))
    return say(combine + " over " + std::to_string(axes.size()) + " axes", "one axis that is not empty");
  return std::nullopt;
}

Complaint check_matmul(const Step& step) {
  const Extents& a = shape(step, 0);
  if (step.inputs.size() < 2 || a.size() < 2) return say("a matmul without matrices", "a and b of rank 2 or more");
  for (std::size_t i = 1; i < step.inputs.size(); i++) {
    if (!step.inputs[i]) return say("b left out", "an operand");
    const Extents& b = shape(step, i);
    const Extents& c = step.outputs[0].shape;
    std::size_t rank = a.size();
    bool same = b.size() == rank && c.size() == rank && b[rank - 2] == a[rank - 1] && c[rank - 2] == a[rank - 2] &&
                c[rank - 1] == b[rank - 1];
    for (std::size_t axis = 0; same && axis + 2 < rank; axis++) same = a[axis] == b[axis] && a[axis] == c[axis];
    if (!same) return say("shapes that do not multiply", "[…, m, k] · […, k, n] → […, m, n]");
  }
  return std::nullopt;
}

Complaint check_attention(const Program& program, const Step& step) {
  if (step.inputs.size() < 3 || !step.inputs[1] || !step.inputs[2]) return say("an operand left out", "key and value");
  auto given = [&](std::size_t input) { return input < step.inputs.size() && step.inputs[input].has_value(); };
  const Extents& q = shape(step, 0);
  const Extents& k = shape(step, 1);
  const Extents& v = shape(step, 2);
  const Extents& o = step.outputs[0].shape;
  bool paged = given(5);
  bool sound = q.size() == 4 && k.size() == 4 && v.size() == 4 && o.size() == 4 && k[1] > 0 && q[1] % k[1] == 0 &&
               k[3] == q[3] && v[0] == k[0] && v[1] == k[1] && v[2] == k[2] && o[0] == q[0] && o[1] == q[1] &&
               o[2] == q[2] && o[3] == v[3] && (paged || k[0] == q[0]);
  if (!sound) return say("shapes that do not attend", "query [batch, heads, queries, d] and keys to match");
  for (std::size_t input : {3, 4}) {
    if (given(input) && (shape(step, input) != Extents{q[0]} || program.type_of(*step.inputs[input]) != Type::int32))
      return say(input == 3 ? "lengths of another shape" : "starts of another shape", "[batch], int32");
  }
  std::int64_t capacity = k[2];
  if (paged) {
    const Extents& table = shape(step, 5);
    if (table.size() != 2 || table[0] != q[0] || program.type_of(*step.inputs[5]) != Type::int32)
      return say("a table of another shape", "[batch, pages], int32");
    capacity = table[1] * k[2];
  }
  if (given(6) && shape(step, 6) != Extents{q[0], q[1], q[2], capacity})
    return say("a mask of another shape", "[batch, heads, queries, capacity]");
  if (step.outputs.size() > 1 && step.outputs[1].shape != Extents{q[0], q[1], q[2], 1})
    return say("a second output of another shape", "[batch, heads, queries, 1]");
  return std::nullopt;
}

/// The shape of what a gather reads or a scatter writes for each index.
Complaint check_indexed(const Program& program, const Step& step, const View& from, const View& indices,
                        const Extents& gathered) {
  if (!is_index(program.type_of(indices))) return say("indices of another type", "int32 or int64");
  std::string form = step.attributes.text("form");
  Extents expected;
  if (form == "nd") {
    if (indices.shape.empty()) return say("indices of rank 0", "at least rank 1");
    std::int64_t depth = indices.shape.back();
    if (depth < 0 || depth > static_cast<std::int64_t>(from.shape.size()))
      return say("indices of depth " + std::to_string(depth), "at most the rank");
    expected.assign(indices.shape.begin(), indices.shape.end() - 1);
    expected.insert(expected.end(), from.shape.begin() + depth, from.shape.end());
    if (gathered != expected) return say("nd indices that do not match", "index dimensions, then the rest");
    bool empty = false;
    for (std::int64_t axis = 0; axis < depth; axis++) empty = empty || from.shape[static_cast<std::size_t>(axis)] == 0;
    std::int64_t elements = 1;
    for (std::int64_t extent : gathered) elements *= extent;
    if (empty && elements > 0) return say("indices into an empty dimension", "something to address");
    return std::nullopt;
  }
  if (form != "rows" && form != "elements") return say("form " + form, "rows, elements or nd");
  if (!valid_axis(step, "axis", from.shape.size())) return say("an axis outside of the rank", "an axis below it");
  auto axis = static_cast<std::size_t>(step.attributes.integer("axis"));
  if (form == "rows") {
    expected.assign(from.shape.begin(), from.shape.begin() + static_cast<std::ptrdiff_t>(axis));
    expected.insert(expected.end(), indices.shape.begin(), indices.shape.end());
    expected.insert(expected.end(), from.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, from.shape.end());
  } else {
    if (indices.shape.size() != from.shape.size()) return say("indices of another rank", "the rank of the tensor");
    for (std::size_t other = 0; other < from.shape.size(); other++)
      if (other != axis && indices.shape[other] != from.shape[other])
        return say("indices of another extent", "to differ along the axis only");
    expected = indices.shape;
  }
  if (gathered != expected) return say("an output of another shape", "that which the indices give");
  std::int64_t elements = 1;
  for (std::int64_t extent : gathered) elements *= extent;
  if (from.shape[axis] == 0 && elements > 0) return say("indices into an empty dimension", "something to address");
  return std::nullopt;
}

Complaint check_sort(const Program& program, const Step& step) {
  const Extents& x = shape(step, 0);
  if (!valid_axis(step, "axis", x.size())) return say("an axis outside of the rank", "an axis below it");
  auto axis = static_cast<std::size_t>(step.attributes.integer("axis"));
  std::int64_t count = step.attributes.integer("count", -1);
  if (count < 0 || count > x[axis]) return say("count " + std::to_string(count), "at most the axis' extent");
  Extents expected = x;
  expected[axis] = count;
  for (const Target& output : step.outputs)
    if (output.shape != expected) return say("an output of another shape", "the input's, count along the axis");
  if (step.outputs.size() > 1 && !step.epilogue && !is_index(program.type_of(step.outputs[1])))
    return say("indices of another type", "int32 or int64");
  return std::nullopt;
}

Complaint check_kind(const Program& program, const Step& step) {
  if (step.kind == StepKind::other) return std::nullopt;
  if (step.kind != StepKind::map && (step.inputs.empty() || !step.inputs[0]))
    return say("its first input left out", "an operand");
  switch (step.kind) {
    case StepKind::map:
      for (const auto& input : step.inputs)
        if (!input || input->shape != step.outputs[0].shape) return say("an input of another shape", "the output's");
      return step.epilogue ? std::nullopt : say("a map without an expression", "an epilogue");
    case StepKind::reduce:
      return check_reduce(step);
    case StepKind::normalize:
      if (step.outputs[0].shape != shape(step, 0)) return say("an output of another shape", "the input's");
      return check_axes(step, shape(step, 0).size());
    case StepKind::matmul:
      return check_matmul(step);
    case StepKind::attention:
      return check_attention(program, step);
    case StepKind::gather:
      if (step.inputs.size() != 2 || !step.inputs[1]) return say("indices left out", "from and indices");
      return check_indexed(program, step, *step.inputs[0], *step.inputs[1], step.outputs[0].shape);
    case StepKind::scatter:
      if (step.inputs.size() != 2 || !step.inputs[1]) return say("updates left out", "indices and updates");
      return check_indexed(program, step, step.outputs[0], *step.inputs[0], shape(step, 1));
    case StepKind::scan:
      if (step.outputs[0].shape != shape(step, 0)) return say("an output of another shape", "the input's");
      return valid_axis(step, "axis", shape(step, 0).size()) ? std::nullopt : say("no such axis", "an axis");
    case StepKind::sort:
      return check_sort(program, step);
    case StepKind::other:
      break;
  }
  return std::nullopt;
}

int values_of(const Step& step) {
  switch (step.kind) {
    case StepKind::map:
      return static_cast<int>(step.inputs.size());
    case StepKind::matmul:
      return static_cast<int>(step.inputs.size()) - 1;
    case StepKind::sort:
      return 2;
    default:
      return 1;
  }
}

Complaint check_operand(const Program& program, const Operand& operand, const std::string& name) {
  if (Complaint complaint = check_view(program, operand, name)) return complaint;
  if (operand.prologue)
    if (Complaint complaint = check_expression(program, *operand.prologue, operand.shape, 1, 1, name + " prologue"))
      return complaint;
  if (!operand.quantization) return std::nullopt;
  const Quantization& quantization = *operand.quantization;
  if (Complaint complaint = check_view(program, quantization.scale, name + " scale")) return complaint;
  Extents expected;
  bool sound = quantization.block.size() == operand.shape.size();
  for (std::size_t axis = 0; sound && axis < operand.shape.size(); axis++) {
    sound = quantization.block[axis] > 0;
    if (sound) expected.push_back((operand.shape[axis] + quantization.block[axis] - 1) / quantization.block[axis]);
  }
  if (!sound || quantization.scale.shape != expected) return say(name + " scales that do not match", "one per block");
  if (!quantization.zero_point) return std::nullopt;
  if (quantization.zero_point->shape != expected) return say(name + " zero points that do not match", "one per block");
  return check_view(program, *quantization.zero_point, name + " zero point");
}

Complaint check_target(const Program& program, const Target& target, const std::string& name) {
  // With rows, the view spans the tensor written to along that axis, and the indices say how many slices there are.
  if (Complaint complaint = check_view(program, target, name)) return complaint;
  if (is_block(program.type_of(target))) return say(name + " in a block format", "a type of single elements");
  if (!target.rows) return std::nullopt;
  if (target.rows->axis < 0 || target.rows->axis >= target.rank()) return say(name + " rows axis", "below its rank");
  if (Complaint complaint = check_view(program, target.rows->indices, name + " rows")) return complaint;
  if (target.rows->indices.rank() != 1 || !is_index(program.type_of(target.rows->indices)))
    return say(name + " rows of another kind", "rank 1, int32 or int64");
  return std::nullopt;
}

}  // namespace

Complaint check_step(const Program& program, const Step& step) {
  if (step.outputs.empty()) return say("no output", "at least one");
  for (std::size_t i = 0; i < step.inputs.size(); i++)
    if (step.inputs[i])
      if (Complaint complaint = check_operand(program, *step.inputs[i], "input " + std::to_string(i))) return complaint;
  for (std::size_t i = 0; i < step.outputs.size(); i++)
    if (Complaint complaint = check_target(program, step.outputs[i], "output " + std::to_string(i))) return complaint;
  // Rules of shape speak of what is computed; a target with rows gets as many slices as it has indices.
  bool with_rows = false;
  for (const Target& output : step.outputs) with_rows = with_rows || output.rows.has_value();
  Step computed;
  const Step* checked = &step;
  if (with_rows) {
    computed = step;
    for (Target& output : computed.outputs)
      if (output.rows) output.shape[static_cast<std::size_t>(output.rows->axis)] = output.rows->indices.shape[0];
    checked = &computed;
  }
  if (Complaint complaint = check_kind(program, *checked)) return complaint;
  for (const Target& output : checked->outputs)
    if (step.kind != StepKind::attention && output.shape != checked->outputs[0].shape)
      return say("outputs of different shapes", "one shape");
  if (!step.epilogue) return std::nullopt;
  // Attention's second output is the sum of each row, whatever the epilogue makes of the first.
  const int results = step.kind == StepKind::attention ? 1 : static_cast<int>(step.outputs.size());
  return check_expression(program, *step.epilogue, checked->outputs[0].shape, values_of(step), results, "epilogue");
}

}  // namespace halyard
