#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../memory/access_record.h"
#include "clock.h"

namespace halyard::simulator {

/// Who touched memory: an operation's place in the order, and its description.
struct Accessor {
  std::size_t lane = 0;
  std::uint64_t epoch = 0;
  std::shared_ptr<const std::string> what;
};

/// Memory that two operations used although nothing makes one wait for the other.
struct OrderViolation {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool first_writes = false;
  bool second_writes = false;
  std::string first;
  std::string second;
};

/// Happens-before between operations on the memory they touch: each range remembers its last writer and who has read it
/// since. An operation is ordered after those that its clock knows. Safe to use from several threads.
class OrderChecker {
 public:
  std::vector<OrderViolation> record(const Accessor& accessor, const Clock& clock,
                                     const std::vector<AccessedRange>& ranges);
  /// The memory was freed: what comes there next is other memory.
  void forget(std::uint64_t begin, std::uint64_t end);

 private:
  struct Cell {
    std::uint64_t end = 0;
    Accessor writer;  ///< epoch 0: none
    std::vector<Accessor> readers;
  };
  using Cells = std::map<std::uint64_t, Cell>;

  Cells::iterator split(std::uint64_t address);
  void visit(Cell& cell, std::uint64_t begin, const Accessor& accessor, const Clock& clock, bool is_write,
             std::vector<OrderViolation>& out);

  std::mutex mutex_;
  Cells cells_;
};

}  // namespace halyard::simulator
