#pragma once

#include <napi.h>

#include <functional>
#include <optional>

#include "halyard/error.h"
#include "halyard/node/addon.h"
#include "halyard/node/deferred.h"

namespace halyard::node {

/// Work for a thread of libuv's, whose result settles a promise on the JavaScript thread.
template <typename Value>
class Task : public Napi::AsyncWorker {
 public:
  using Work = std::function<Result<Value>()>;
  using Convert = std::function<Napi::Value(Napi::Env, Value&)>;

  static Napi::Promise start(Napi::Env env, Work work, Convert convert) {
    auto* task = new Task(env, std::move(work), std::move(convert));
    Napi::Promise promise = task->deferred_.promise();
    task->Queue();
    return promise;
  }

  void Execute() override { result_.emplace(work_()); }

  void OnOK() override {
    work_ = nullptr;
    if (result_->ok())
      deferred_.resolve(convert_(Env(), result_->value()));
    else
      deferred_.reject(to_error(Env(), result_->error()).Value());
  }

 private:
  Task(Napi::Env env, Work work, Convert convert)
      : Napi::AsyncWorker(env),
        deferred_(env),
        work_(std::move(work)),
        convert_(std::move(convert)) {}

  Deferred deferred_;
  Work work_;
  Convert convert_;
  std::optional<Result<Value>> result_;
};

}  // namespace halyard::node
