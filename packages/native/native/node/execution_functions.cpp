#include <cstring>
#include <vector>

#include "environment.h"
#include "halyard/binding_table.h"
#include "halyard/decoder.h"

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

/// Decodes and compiles on a thread of libuv's.
class CompileWorker : public Napi::AsyncWorker {
 public:
  CompileWorker(Napi::Env env, std::shared_ptr<Backend> backend, const Napi::Uint8Array& bytes)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        backend_(std::move(backend)),
        bytes_(bytes.ByteLength()) {
    if (!bytes_.empty()) std::memcpy(bytes_.data(), bytes.Data(), bytes_.size());
  }
  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    auto program = decode_program(bytes_);
    if (!program) {
      failure_ = program.error();
      return;
    }
    auto executable = backend_->compile(std::move(program.value()));
    if (executable)
      executable_ = executable.value();
    else
      failure_ = executable.error();
  }

  void OnOK() override {
    Napi::Env env = Env();
    if (failure_) {
      deferred_.Reject(to_error(env, *failure_).Value());
      return;
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("handle", wrap(env, executable_));
    result.Set("workspaceBytes", static_cast<double>(executable_->workspace_bytes()));
    Napi::Array packed = Napi::Array::New(env);
    for (const Packed& entry : executable_->packed()) packed.Set(packed.Length(), to_packed(env, entry));
    result.Set("packed", packed);
    Napi::Array choices = Napi::Array::New(env);
    for (const KernelChoice& choice : executable_->explain()) choices.Set(choices.Length(), to_choice(env, choice));
    result.Set("choices", choices);
    deferred_.Resolve(result);
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<Backend> backend_;
  std::vector<std::byte> bytes_;
  std::shared_ptr<Executable> executable_;
  Failure failure_;
};

Napi::Value compile(const Napi::CallbackInfo& information) {
  auto* worker = new CompileWorker(information.Env(), unwrap<OpenDevice>(information[0])->backend,
                                   information[1].As<Napi::Uint8Array>());
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
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
  auto& bound = unwrap<Bound>(information[0]);
  Span span = to_span(information, 2);
  if (!span.region || !bound) return information.Env().Undefined();
  Failure failure =
      bound->rebind(static_cast<std::size_t>(information[1].As<Napi::Number>().Uint32Value()), std::move(span));
  if (failure) raise(information.Env(), *failure);
  return information.Env().Undefined();
}

template <typename T>
Napi::Value dispose(const Napi::CallbackInfo& information) {
  unwrap<T>(information[0]).reset();
  return information.Env().Undefined();
}

}  // namespace

void register_execution_functions(Napi::Env env, Napi::Object exports) {
  exports.Set("compile", Napi::Function::New(env, compile));
  exports.Set("bind", Napi::Function::New(env, bind));
  exports.Set("rebind", Napi::Function::New(env, rebind));
  exports.Set("disposeExecutable", Napi::Function::New(env, dispose<Executable>));
  exports.Set("disposeBound", Napi::Function::New(env, dispose<Bound>));
}

}  // namespace halyard::node
