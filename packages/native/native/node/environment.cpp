#include "environment.h"

#include <algorithm>
#include <thread>

#include "halyard/spin.h"

namespace halyard::node {
namespace {

/// Being woken by the event loop takes some 15 µs, and several times that where other threads want the core.
constexpr std::int64_t brief_nanoseconds = 100'000;
/// Who awaits one result after another never lets the event loop turn if each is there at once: so long it may go on.
constexpr std::int64_t longest_hold_nanoseconds = 2'000'000;
/// After n waits in vain, 2^n - 1 are left out: with n at most this.
constexpr int most_vain_waits = 6;

}  // namespace

std::shared_ptr<Backend> OpenDevice::current() {
  std::lock_guard lock(mutex);
  return backend;
}

std::shared_ptr<Backend> backend_of(const Napi::Value& device) { return unwrap<OpenDevice>(device)->current(); }

std::shared_ptr<Queue> OpenDevice::add_queue(QueueKind kind) {
  std::lock_guard lock(mutex);
  if (closed || !backend) return nullptr;
  return queues.emplace_back(std::make_shared<Queue>(backend, kind, loss));
}

void OpenDevice::seal() {
  std::lock_guard lock(mutex);
  closed = true;
  for (auto& queue : queues) queue->seal();
}

void OpenDevice::close(bool abandoning) {
  std::vector<std::shared_ptr<Queue>> closing;
  {
    std::lock_guard lock(mutex);
    closed = true;
    closing = queues;
  }
  for (auto& queue : closing) {
    if (abandoning)
      queue->abandon();
    else
      queue->finish();
  }
  closing.clear();
  loss->close();
  std::lock_guard lock(mutex);
  queues.clear();
  backend.reset();
}

Failure OpenDevice::check_loss() {
  const std::shared_ptr<Backend> known = current();
  Failure failure = known ? known->lost() : std::nullopt;
  if (failure) loss->tell(*failure);
  return failure;
}

Environment::Environment(Napi::Env env, OpenFunction open) : open_(open) {
  napi_value name = Napi::String::New(env, "halyard");
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, settle, &function_);
  napi_unref_threadsafe_function(env, function_);
  // Hooks run in reverse order: this one, and with it the joining of all threads, before the function's own.
  env.AddCleanupHook([this] { shut_down(); });
}

void Environment::remove(const OpenDevice* device) {
  std::erase_if(devices_, [device](const auto& known) { return known.get() == device; });
}

bool Environment::wait_briefly(const Token& token) {
  const std::int64_t began = now_nanoseconds();
  if (token.done()) return true;
  if (began - turned_ > longest_hold_nanoseconds) return false;
  if (waits_left_out_ > 0) {
    waits_left_out_--;
    return false;
  }
  while (!token.done()) {
    if (now_nanoseconds() - began > brief_nanoseconds) {
      vain_waits_ = std::min(vain_waits_ + 1, most_vain_waits);
      waits_left_out_ = (1 << vain_waits_) - 1;
      return false;
    }
    // The thread that does the work may need this very core.
    std::this_thread::yield();
  }
  vain_waits_ = 0;
  return true;
}

Napi::Promise Environment::promise_for(Napi::Env env, const TokenPointer& token, bool keeps_alive) {
  auto* settlement = new Settlement{Deferred(env), token, this, keeps_alive};
  Napi::Promise promise = settlement->deferred.promise();
  if (function_ == nullptr) {
    delete settlement;
    return promise;
  }
  if (keeps_alive && waiting_++ == 0) napi_ref_threadsafe_function(env, function_);
  token->on_done([settlement, function = function_] {
    if (napi_call_threadsafe_function(function, settlement, napi_tsfn_nonblocking) != napi_ok) delete settlement;
  });
  return promise;
}

void Environment::settle(napi_env raw, napi_value, void*, void* data) {
  std::unique_ptr<Settlement> settlement(static_cast<Settlement*>(data));
  if (raw == nullptr) return;
  Napi::Env env(raw);
  Napi::HandleScope scope(env);
  Environment& environment = *settlement->environment;
  environment.turned_ = now_nanoseconds();
  if (settlement->keeps_alive && --environment.waiting_ == 0) napi_unref_threadsafe_function(env, environment.function_);
  if (const Error* error = settlement->token->error())
    settlement->deferred.reject(to_error(env, *error).Value());
  else
    settlement->deferred.resolve(env.Undefined());
}

void Environment::shut_down() {
  for (auto& device : devices_) device->close(true);
  devices_.clear();
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
}

}  // namespace halyard::node
