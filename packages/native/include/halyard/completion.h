#pragma once

#include "halyard/error.h"

namespace halyard {

/// Something that is under way on the device.
class Completion {
 public:
  virtual ~Completion() = default;
  /// Blocks until it is over. Called once, from the thread that settles the queue's tokens.
  virtual Failure wait() = 0;
};

}  // namespace halyard
