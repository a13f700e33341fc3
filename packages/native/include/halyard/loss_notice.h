#pragma once

#include <atomic>

#include "halyard/token.h"

namespace halyard {

/// Tells once that a device is lost, whichever thread sees it first.
class LossNotice {
 public:
  /// Done with the reason once the device is lost; without one if it is closed before that.
  const TokenPointer& token() const { return token_; }
  void tell(const Error& reason) { settle(reason); }
  void close() { settle(std::nullopt); }

 private:
  void settle(Failure reason) {
    if (!is_settled_.exchange(true)) token_->complete(std::move(reason), 0);
  }

  TokenPointer token_ = std::make_shared<Token>();
  std::atomic<bool> is_settled_{false};
};

using LossNoticePointer = std::shared_ptr<LossNotice>;

}  // namespace halyard
