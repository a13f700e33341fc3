#include <cstring>

#include "constant_parts.h"
#include "environment.h"
#include "halyard/binding_table.h"

namespace halyard::node {
namespace {

Napi::Value create_queue(const Napi::CallbackInfo& information) {
  QueueKind kind = information[1].As<Napi::String>().Utf8Value() == "copy" ? QueueKind::copy : QueueKind::compute;
  auto device = unwrap<OpenDevice>(information[0]);
  std::shared_ptr<Queue> queue = device ? device->add_queue(kind) : nullptr;
  return queue ? Napi::Value(wrap(information.Env(), queue)) : information.Env().Undefined();
}

Napi::Value submit(const Napi::CallbackInfo& information, Command command, const Napi::Value& after) {
  auto queue = unwrap<Queue>(information[0]);
  if (!queue) return information.Env().Undefined();
  command.after = to_tokens(after);
  return wrap(information.Env(), queue->submit(std::move(command)));
}

/// run(queue, bound, after)
Napi::Value run(const Napi::CallbackInfo& information) {
  auto bound = unwrap<Bound>(information[1]);
  if (!bound) {
    raise(information.Env(),
          {"destroyed", "a graph that was disposed of", "one that is still bound", "Build the graph again."});
    return information.Env().Undefined();
  }
  Command command;
  command.table = bound->table();
  command.work = [table = command.table](Stream& stream) { return stream.run(*table); };
  return submit(information, std::move(command), information[2]);
}

/// copy(queue, from, offset, bytes, to, offset, bytes, after)
Napi::Value copy(const Napi::CallbackInfo& information) {
  Span from = to_span(information, 1);
  if (!from.region) return information.Env().Undefined();
  Span to = to_span(information, 4);
  if (!to.region) return information.Env().Undefined();
  Command command;
  command.reads = {from};
  command.writes = {to};
  command.work = [from, to](Stream& stream) { return stream.copy(from, to); };
  return submit(information, std::move(command), information[7]);
}

/// fill(queue, to, offset, bytes, byte, after)
Napi::Value fill(const Napi::CallbackInfo& information) {
  Span to = to_span(information, 1);
  if (!to.region) return information.Env().Undefined();
  auto byte = static_cast<std::uint8_t>(information[4].As<Napi::Number>().Uint32Value());
  Command command;
  command.writes = {to};
  command.work = [to, byte](Stream& stream) { return stream.fill(to, byte); };
  return submit(information, std::move(command), information[5]);
}

/// write(queue, from: Uint8Array, to, offset, bytes, after): `from` is copied before this returns.
Napi::Value write(const Napi::CallbackInfo& information) {
  auto from = information[1].As<Napi::Uint8Array>();
  Span to = to_span(information, 2);
  if (!to.region) return information.Env().Undefined();
  std::vector<std::byte> bytes(from.ByteLength());
  if (!bytes.empty()) std::memcpy(bytes.data(), from.Data(), bytes.size());
  Command command;
  command.writes = {to};
  command.work = [bytes = std::move(bytes), to](Stream& stream) { return stream.write(bytes, to); };
  return submit(information, std::move(command), information[5]);
}

/// read(queue, from, offset, bytes, to: Uint8Array, after): the caller keeps `to` alive until the token is done.
Napi::Value read(const Napi::CallbackInfo& information) {
  Span from = to_span(information, 1);
  if (!from.region) return information.Env().Undefined();
  auto to = information[4].As<Napi::Uint8Array>();
  std::span<std::byte> bytes(reinterpret_cast<std::byte*>(to.Data()), to.ByteLength());
  Command command;
  command.reads = {from};
  command.work = [from, bytes](Stream& stream) { return stream.read(from, bytes); };
  return submit(information, std::move(command), information[5]);
}

/// pack(queue, sources, layout, to, offset, bytes, after): the caller keeps typed arrays in `sources` alive.
Napi::Value pack(const Napi::CallbackInfo& information) {
  Span to = to_span(information, 3);
  if (!to.region) return information.Env().Undefined();
  Command command;
  command.writes = {to};
  command.work = [sources = to_sources(information[1].As<Napi::Array>()),
                  layout = information[2].As<Napi::String>().Utf8Value(), to](Stream& stream) -> Failure {
    LoadedConstants loaded;
    if (Failure failure = loaded.load(sources)) return failure;
    if (Failure failure = stream.pack(loaded.spans(), layout, to)) return failure;
    return loaded.health();
  };
  return submit(information, std::move(command), information[6]);
}

/// 0 pending, 1 done, 2 failed.
Napi::Value token_state(const Napi::CallbackInfo& information) {
  auto token = unwrap<Token>(information[0]);
  if (!token) return information.Env().Undefined();
  return Napi::Number::New(information.Env(), !token->done() ? 0 : token->error() != nullptr ? 2 : 1);
}

Napi::Value token_error(const Napi::CallbackInfo& information) {
  auto token = unwrap<Token>(information[0]);
  const Error* error = token ? token->error() : nullptr;
  return error != nullptr ? to_error(information.Env(), *error).Value() : information.Env().Undefined();
}

Napi::Value token_nanoseconds(const Napi::CallbackInfo& information) {
  auto token = unwrap<Token>(information[0]);
  return Napi::Number::New(information.Env(), token ? static_cast<double>(token->nanoseconds()) : 0);
}

/// A promise, or undefined for a token that was done within moments.
Napi::Value token_wait(const Napi::CallbackInfo& information) {
  auto& environment = Environment::of(information.Env());
  auto token = unwrap<Token>(information[0]);
  if (!token) return information.Env().Undefined();
  if (environment.wait_briefly(*token)) return information.Env().Undefined();
  return environment.promise_for(information.Env(), token, true);
}

}  // namespace

void register_queue_functions(Napi::Env env, Napi::Object exports) {
  exports.Set("createQueue", Napi::Function::New(env, create_queue));
  exports.Set("run", Napi::Function::New(env, run));
  exports.Set("copy", Napi::Function::New(env, copy));
  exports.Set("fill", Napi::Function::New(env, fill));
  exports.Set("write", Napi::Function::New(env, write));
  exports.Set("read", Napi::Function::New(env, read));
  exports.Set("pack", Napi::Function::New(env, pack));
  exports.Set("tokenState", Napi::Function::New(env, token_state));
  exports.Set("tokenError", Napi::Function::New(env, token_error));
  exports.Set("tokenNanoseconds", Napi::Function::New(env, token_nanoseconds));
  exports.Set("tokenWait", Napi::Function::New(env, token_wait));
}

}  // namespace halyard::node
