#pragma once

#include <memory>
#include <vector>

#include "halyard/backend.h"

namespace halyard {

/// What JavaScript binds and rebinds. Every run takes the table as it is then, so a later rebind does not touch it.
class Bound {
 public:
  /// Checks sizes, alignment and that nothing is missing. Fails with `bad-argument`.
  static Result<std::shared_ptr<Bound>> make(BindingTable table);

  Failure rebind(std::size_t binding, Span span);
  const std::shared_ptr<const BindingTable>& table() const { return table_; }

 private:
  std::shared_ptr<const BindingTable> table_;
};

}  // namespace halyard
