#pragma once

#include <memory>
#include <vector>

#include "execution/cpu_backend.h"
#include "halyard/binding_table.h"

namespace halyard::test {

/// Binds fresh memory of exactly the sizes that the executable asks for.
inline std::shared_ptr<Bound> bind_fresh(Backend& backend, const std::shared_ptr<Executable>& executable) {
  BindingTable table;
  table.executable = executable;
  for (const Binding& binding : executable->program().bindings)
    table.spans.push_back({backend.reserve(binding.bytes, Tier::device), 0, binding.bytes});
  for (const Packed& packed : executable->packed())
    table.packed.push_back({backend.reserve(packed.bytes, Tier::device), 0, packed.bytes});
  const std::int64_t workspace = executable->scratch_offset() + executable->workspace_bytes();
  table.workspace = {backend.reserve(workspace, Tier::device), 0, workspace};
  auto bound = Bound::make(std::move(table));
  return bound ? bound.value() : nullptr;
}

}  // namespace halyard::test
