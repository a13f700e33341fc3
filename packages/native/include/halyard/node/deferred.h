#pragma once

#include <napi.h>

#include <utility>

namespace halyard::node {

/// A promise that is settled later. A thread of JavaScript that is being ended gives none any more: it is empty then,
/// and settling it does nothing. Napi::Promise::Deferred would hold whatever was in memory.
class Deferred {
 public:
  explicit Deferred(Napi::Env env) : env_(env) {
    if (napi_create_promise(env, &deferred_, &promise_) == napi_ok) return;
    deferred_ = nullptr;
    promise_ = nullptr;
  }

  /// In the scope that this was made in.
  Napi::Promise promise() const { return {env_, promise_}; }
  void resolve(napi_value value) {
    if (deferred_ != nullptr) napi_resolve_deferred(env_, std::exchange(deferred_, nullptr), value);
  }
  void reject(napi_value reason) {
    if (deferred_ != nullptr) napi_reject_deferred(env_, std::exchange(deferred_, nullptr), reason);
  }

 private:
  napi_env env_;
  napi_deferred deferred_ = nullptr;
  napi_value promise_ = nullptr;
};

}  // namespace halyard::node
