#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "halyard/backend.h"
#include "halyard/node/addon.h"
#include "halyard/node/deferred.h"
#include "halyard/queue.h"

namespace halyard::node {

/// A device that JavaScript has opened.
struct OpenDevice {
  std::mutex mutex;
  /// Null once closed.
  std::shared_ptr<Backend> backend;
  std::vector<std::shared_ptr<Queue>> queues;
  const LossNoticePointer loss = std::make_shared<LossNotice>();
  bool closed = false;

  std::shared_ptr<Backend> current();
  /// Null once closed.
  std::shared_ptr<Queue> add_queue(QueueKind kind);
  /// Takes no more work.
  void seal();
  /// Waits for what is in flight, and lets go of the backend; `abandoning` fails what has not begun.
  void close(bool abandoning);
  /// The error of a device that is lost, which whoever waits for it is told, too.
  Failure check_loss();
};

/// What belongs to one Node environment (the main thread or a worker). Ends with it: nothing here is static.
class Environment {
 public:
  Environment(Napi::Env env, OpenFunction open);

  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  OpenFunction open() const { return open_; }
  void add(std::shared_ptr<OpenDevice> device) { devices_.push_back(std::move(device)); }
  void remove(const OpenDevice* device);
  /// Waits on the JavaScript thread if that promises to be shorter than two changes of thread. Whether the token is done.
  bool wait_briefly(const Token& token);
  /// A promise that settles with the token. The event loop is kept alive until then, or not.
  Napi::Promise promise_for(Napi::Env env, const TokenPointer& token, bool keeps_alive);

 private:
  struct Settlement {
    Deferred deferred;
    TokenPointer token;
    Environment* environment;
    bool keeps_alive;
  };

  static void settle(napi_env env, napi_value callback, void* context, void* data);
  void shut_down();

  OpenFunction open_;
  std::vector<std::shared_ptr<OpenDevice>> devices_;
  napi_threadsafe_function function_ = nullptr;
  std::size_t waiting_ = 0;
  /// When the event loop last turned for one of our promises.
  std::int64_t turned_ = 0;
  /// Brief waits that were in vain, one after another, and how many more are left out for that.
  int vain_waits_ = 0;
  int waits_left_out_ = 0;
};

/// What an External holds; emptied when JavaScript gives the thing back early.
template <typename T>
struct Holder {
  std::shared_ptr<T> pointer;
};

template <typename T>
Napi::External<Holder<T>> wrap(Napi::Env env, std::shared_ptr<T> pointer) {
  auto* holder = new Holder<T>{std::move(pointer)};
  auto external =
      Napi::External<Holder<T>>::New(env, holder, [](Napi::Env, Holder<T>* unreachable) { delete unreachable; });
  // There is none on a thread that is being ended.
  if (external.IsEmpty()) delete holder;
  return external;
}

/// Null once it was given back, and for what is no handle: a thread that is being ended goes on for a moment with the
/// handles that it was not given any more.
template <typename T>
std::shared_ptr<T> unwrap(const Napi::Value& value) {
  return value.IsExternal() ? value.As<Napi::External<Holder<T>>>().Data()->pointer : nullptr;
}

template <typename T>
void give_back(const Napi::Value& value) {
  if (value.IsExternal()) value.As<Napi::External<Holder<T>>>().Data()->pointer.reset();
}

/// The region at `at`, offset and bytes behind it; raises and answers an empty span if it is not sound.
Span to_span(const Napi::CallbackInfo& information, std::size_t at);
std::vector<TokenPointer> to_tokens(const Napi::Value& value);

void register_memory_functions(Napi::Env env, Napi::Object exports);
void register_execution_functions(Napi::Env env, Napi::Object exports);
void register_queue_functions(Napi::Env env, Napi::Object exports);

}  // namespace halyard::node
