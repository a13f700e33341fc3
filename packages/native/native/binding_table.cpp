#include "halyard/binding_table.h"

#include <string>

namespace halyard {
namespace {

Failure bad(std::string found, std::string expected) {
  return Error{"bad-argument", std::move(found), std::move(expected), "Bind memory of the size that the program names."};
}

/// The largest element that the binding's tensors have, in bytes.
std::int64_t element_bytes(const Program& program, std::size_t binding) {
  std::int64_t largest = 1;
  for (const Tensor& tensor : program.tensors) {
    if (tensor.binding != static_cast<std::int32_t>(binding) || is_block(tensor.type)) continue;
    std::int64_t bytes = layout_of(tensor.type).bytes;
    largest = bytes > largest ? bytes : largest;
  }
  return largest;
}

Failure check_binding(const Executable& executable, std::size_t index, const Span& span) {
  const Program& program = executable.program();
  const Binding& binding = program.bindings[index];
  if (!span.region) {
    if (binding.role == Role::constant && !executable.reads_binding(static_cast<std::int32_t>(index)))
      return std::nullopt;
    if (binding.bytes == 0) return bad("nothing bound to " + binding.name, "a span, even of no bytes");
    return bad("nothing bound to " + binding.name, std::to_string(binding.bytes) + " bytes");
  }
  if (!span.inside() || span.bytes < binding.bytes)
    return bad(std::to_string(span.bytes) + " bytes bound to " + binding.name,
               std::to_string(binding.bytes) + " bytes within their region");
  if (span.region->data() == nullptr) return std::nullopt;
  std::int64_t alignment = element_bytes(program, index);
  if (reinterpret_cast<std::uintptr_t>(span.data()) % static_cast<std::uintptr_t>(alignment) != 0)
    return bad("memory that is not aligned bound to " + binding.name,
               "a multiple of its element's " + std::to_string(alignment) + " bytes");
  return std::nullopt;
}

}  // namespace

Result<std::shared_ptr<Bound>> Bound::make(BindingTable table) {
  const Executable& executable = *table.executable;
  const Program& program = executable.program();
  if (table.spans.size() != program.bindings.size())
    return *bad(std::to_string(table.spans.size()) + " spans", std::to_string(program.bindings.size()));
  for (std::size_t i = 0; i < table.spans.size(); i++)
    if (Failure failure = check_binding(executable, i, table.spans[i])) return *failure;
  if (table.packed.size() != executable.packed().size())
    return *bad(std::to_string(table.packed.size()) + " packed spans", std::to_string(executable.packed().size()));
  for (std::size_t i = 0; i < table.packed.size(); i++)
    if (!table.packed[i].inside() || table.packed[i].bytes < executable.packed()[i].bytes)
      return *bad(std::to_string(table.packed[i].bytes) + " packed bytes",
                  std::to_string(executable.packed()[i].bytes));
  std::int64_t workspace = executable.scratch_offset() + executable.workspace_bytes();
  if (workspace > 0 && (!table.workspace.inside() || table.workspace.bytes < workspace))
    return *bad("a workspace of " + std::to_string(table.workspace.bytes) + " bytes", std::to_string(workspace));
  table.bound_state = executable.make_bound_state();
  auto bound = std::make_shared<Bound>();
  bound->table_ = std::make_shared<const BindingTable>(std::move(table));
  return bound;
}

Failure Bound::rebind(std::size_t binding, Span span) {
  if (binding >= table_->spans.size())
    return bad("binding " + std::to_string(binding), "one below " + std::to_string(table_->spans.size()));
  if (Failure failure = check_binding(*table_->executable, binding, span)) return failure;
  auto changed = std::make_shared<BindingTable>(*table_);
  changed->spans[binding] = std::move(span);
  changed->revision++;
  table_ = std::move(changed);
  return std::nullopt;
}

}  // namespace halyard
