#include <cstring>
#include <vector>

#include "environment.h"
#include "halyard/binding_table.h"
#include "halyard/decoder.h"
#include "halyard/kernels.h"
#include "halyard/node/task.h"

namespace halyard::node {
namespace {

Napi::Object to_packed(Napi::Env env, const Packed& packed) {
  Napi::Object object = Napi::Object::New(env);
  Napi::Array constants = Napi::Array::New(env, packed.constants.size());
  for (std::size_t i = 0; i < packed.constants.size(); i++)
    constants.Set(static_cast<std::uint32_t>(i), packed.constants[i]);
  object.Set("constants", constants);
  object.Set("layout", packed.layout);
  object.Set("bytes", static_cast<double>(packed.bytes));
  return object;
}

Napi::Object to_choice(Napi::Env env, const KernelChoice& choice) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("step", choice.step);
  object.Set("kernel", choice.kernel);
  object.Set("configuration", to_object(env, choice.configuration));
  object.Set("reason", choice.reason);
  return object;
}

using ExecutablePointer = std::shared_ptr<Executable>;

std::vector<std::byte> to_bytes(const Napi::Value& value) {
  if (!value.IsTypedArray()) return {};
  auto array = value.As<Napi::Uint8Array>();
  std::vector<std::byte> bytes(array.ByteLength());
  if (!bytes.empty()) std::memcpy(bytes.data(), array.Data(), bytes.size());
  return bytes;
}

Result<ExecutablePointer> compile_bytes(OpenDevice& device, const std::vector<std::byte>& bytes,
                                        const std::vector<std::byte>& kernels) {
  auto program = decode_program(bytes);
  if (!program) return program.error();
  GeneratedKernels generated;
  if (!kernels.empty()) {
    auto decoded = decode_kernels(kernels, program.value());
    if (!decoded) return decoded.error();
    generated = std::move(decoded.value());
  }
  std::shared_ptr<Backend> backend = device.current();
  if (!backend)
    return Error{"destroyed", "a program for a device that is closed", "an open device", "Create a new context."};
  auto executable = backend->compile(std::move(program.value()), std::move(generated));
  if (!executable) device.check_loss();
  return executable;
}

Napi::Value to_data(Napi::Env env, const ExecutablePointer& executable) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("handle", wrap(env, executable));
  result.Set("workspaceBytes", static_cast<double>(executable->workspace_bytes()));
  Napi::Array packed = Napi::Array::New(env);
  for (const Packed& entry : executable->packed()) packed.Set(packed.Length(), to_packed(env, entry));
  result.Set("packed", packed);
  Napi::Array choices = Napi::Array::New(env);
  for (const KernelChoice& choice : executable->explain()) choices.Set(choices.Length(), to_choice(env, choice));
  result.Set("choices", choices);
  return result;
}

/// compile(device, program, kernels?): decodes and compiles on a thread of libuv's.
Napi::Value compile(const Napi::CallbackInfo& information) {
  return Task<ExecutablePointer>::start(
      information.Env(),
      [device = unwrap<OpenDevice>(information[0]), program = to_bytes(information[1]),
       kernels = to_bytes(information[2])] { return compile_bytes(*device, program, kernels); },
      to_data);
}

/// check(program): rejects with `bad-program` what does not decode.
Napi::Value check(const Napi::CallbackInfo& information) {
  return Task<bool>::start(
      information.Env(),
      [program = to_bytes(information[0])]() -> Result<bool> {
        auto decoded = decode_program(program);
        if (!decoded) return decoded.error();
        return true;
      },
      [](Napi::Env env, bool&) { return env.Undefined(); });
}

/// Regions (or undefined) beside a Float64Array of their offsets and sizes.
std::vector<Span> to_spans(const Napi::Value& regions, const Napi::Value& numbers) {
  Napi::Array list = regions.As<Napi::Array>();
  auto extents = numbers.As<Napi::Float64Array>();
  std::vector<Span> spans(list.Length());
  for (std::uint32_t i = 0; i < list.Length(); i++) {
    Napi::Value region = list.Get(i);
    if (!region.IsExternal()) continue;
    spans[i] = {unwrap<Region>(region), static_cast<std::int64_t>(extents[2 * i]),
                static_cast<std::int64_t>(extents[2 * i + 1])};
  }
  return spans;
}

/// bind(executable, regions, numbers, packedRegions, packedNumbers, workspaceRegions, workspaceNumbers)
Napi::Value bind(const Napi::CallbackInfo& information) {
  BindingTable table;
  table.executable = unwrap<Executable>(information[0]);
  table.spans = to_spans(information[1], information[2]);
  table.packed = to_spans(information[3], information[4]);
  std::vector<Span> workspace = to_spans(information[5], information[6]);
  if (!workspace.empty()) table.workspace = workspace[0];
  if (!table.executable) {
    raise(information.Env(), {"destroyed", "an executable that was disposed of", "one that is still held",
                              "Compile the program again."});
    return information.Env().Undefined();
  }
  auto bound = Bound::make(std::move(table));
  if (!bound) {
    raise(information.Env(), bound.error());
    return information.Env().Undefined();
  }
  return wrap(information.Env(), bound.value());
}

/// rebind(bound, binding, region, offset, bytes)
Napi::Value rebind(const Napi::CallbackInfo& information) {
  auto bound = unwrap<Bound>(information[0]);
  Span span = to_span(information, 2);
  if (!span.region || !bound) return information.Env().Undefined();
  Failure failure =
      bound->rebind(static_cast<std::size_t>(information[1].As<Napi::Number>().Uint32Value()), std::move(span));
  if (failure) raise(information.Env(), *failure);
  return information.Env().Undefined();
}

template <typename T>
Napi::Value dispose(const Napi::CallbackInfo& information) {
  give_back<T>(information[0]);
  return information.Env().Undefined();
}

}  // namespace

void register_execution_functions(Napi::Env env, Napi::Object exports) {
  exports.Set("check", Napi::Function::New(env, check));
  exports.Set("compile", Napi::Function::New(env, compile));
  exports.Set("bind", Napi::Function::New(env, bind));
  exports.Set("rebind", Napi::Function::New(env, rebind));
  exports.Set("disposeExecutable", Napi::Function::New(env, dispose<Executable>));
  exports.Set("disposeBound", Napi::Function::New(env, dispose<Bound>));
}

}  // namespace halyard::node
