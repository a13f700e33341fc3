#include "device.h"

#include <new>

namespace halyard::simulator {
namespace {

/// Errors for JavaScript carry a code that the TypeScript side turns into a HalyardError.
Napi::Value fail(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value fail(Napi::Env env, MemoryStatus status) {
  return fail(env,
              status == MemoryStatus::out_of_memory || status == MemoryStatus::out_of_addresses ? "out-of-memory"
                                                                                                : "bad-argument",
              name_of(status));
}

std::uint64_t address_of(const Napi::Value& value) {
  bool lossless = false;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

std::uint32_t number_of(const Napi::Object& object, const char* name, std::uint32_t fallback) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Uint32Value() : fallback;
}

bool flag_of(const Napi::Object& object, const char* name, bool fallback) {
  const Napi::Value value = object.Get(name);
  return value.IsBoolean() ? value.As<Napi::Boolean>().Value() : fallback;
}

Dimensions dimensions_of(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray()) return {};
  const auto array = value.As<Napi::Array>();
  const auto at = [&](std::uint32_t i) {
    return i < array.Length() ? array.Get(i).As<Napi::Number>().Uint32Value() : 1u;
  };
  return {at(0), at(1), at(2)};
}

class LaunchWorker : public Napi::AsyncWorker {
 public:
  LaunchWorker(Napi::Env env, std::shared_ptr<Device::State> state, std::shared_ptr<LoadedModule> module,
               const Kernel* kernel, LaunchConfiguration configuration, LaunchOptions options)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        state_(std::move(state)),
        module_(std::move(module)),
        kernel_(kernel),
        configuration_(std::move(configuration)),
        options_(options) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    std::lock_guard lock(state_->launching);
    result_ = simulator::launch(*module_, *kernel_, configuration_, options_);
  }
  void OnOK() override { deferred_.Resolve(result_to_object(Env(), result_)); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<Device::State> state_;
  std::shared_ptr<LoadedModule> module_;
  const Kernel* kernel_;
  LaunchConfiguration configuration_;
  LaunchOptions options_;
  LaunchResult result_;
};

}  // namespace

Napi::Function Device::define(Napi::Env env) {
  return DefineClass(env, "Device",
                     {InstanceMethod("load", &Device::load), InstanceMethod("unload", &Device::unload),
                      InstanceMethod("allocate", &Device::allocate), InstanceMethod("free", &Device::free),
                      InstanceMethod("write", &Device::write), InstanceMethod("read", &Device::read),
                      InstanceMethod("findGlobal", &Device::find_global), InstanceMethod("launch", &Device::launch)});
}

Device::Device(const Napi::CallbackInfo& information)
    : Napi::ObjectWrap<Device>(information), state_(std::make_shared<State>()) {
  const auto options = information[0].As<Napi::Object>();
  state_->memory = std::make_shared<AddressSpace>(
      static_cast<std::uint64_t>(options.Get("memoryBytes").As<Napi::Number>().DoubleValue()));
  state_->description.compute_capability = number_of(options, "computeCapability", 80);
  state_->description.multiprocessors = number_of(options, "multiprocessors", 108);
  state_->description.maximum_shared_bytes = number_of(options, "sharedBytesPerBlock", 166912);
}

Napi::Value Device::load(const Napi::CallbackInfo& information) {
  const Napi::Env env = information.Env();
  std::string message;
  std::shared_ptr<LoadedModule> loaded;
  try {
    auto module = Module::parse(information[0].As<Napi::String>().Utf8Value());
    loaded = LoadedModule::load(std::move(module), state_->memory);
  } catch (const PtxError& error) {
    return fail(env, "unsupported", error.what());
  } catch (const std::bad_alloc&) {
    return fail(env, MemoryStatus::out_of_memory);
  }
  if (!loaded) return fail(env, MemoryStatus::out_of_memory);
  const std::uint32_t id = state_->next_module++;
  Napi::Array kernels = Napi::Array::New(env);
  for (const Kernel& kernel : loaded->module().kernels()) kernels.Set(kernels.Length(), kernel_to_object(env, kernel));
  state_->modules[id] = std::move(loaded);
  Napi::Object result = Napi::Object::New(env);
  result.Set("id", id);
  result.Set("kernels", kernels);
  return result;
}

Napi::Value Device::unload(const Napi::CallbackInfo& information) {
  state_->modules.erase(information[0].As<Napi::Number>().Uint32Value());
  return information.Env().Undefined();
}

Napi::Value Device::allocate(const Napi::CallbackInfo& information) {
  std::uint64_t address = 0;
  const MemoryStatus status =
      state_->memory->allocate(static_cast<std::uint64_t>(information[0].As<Napi::Number>().DoubleValue()), address);
  if (status != MemoryStatus::ok) return fail(information.Env(), status);
  return Napi::BigInt::New(information.Env(), address);
}

Napi::Value Device::free(const Napi::CallbackInfo& information) {
  const MemoryStatus status = state_->memory->free(address_of(information[0]));
  return status == MemoryStatus::ok ? information.Env().Undefined() : fail(information.Env(), status);
}

Napi::Value Device::write(const Napi::CallbackInfo& information) {
  const auto data = information[1].As<Napi::Uint8Array>();
  const MemoryStatus status = state_->memory->write(address_of(information[0]), data.Data(), data.ByteLength());
  return status == MemoryStatus::ok ? information.Env().Undefined() : fail(information.Env(), status);
}

Napi::Value Device::read(const Napi::CallbackInfo& information) {
  auto data = information[1].As<Napi::Uint8Array>();
  const MemoryStatus status = state_->memory->read(address_of(information[0]), data.Data(), data.ByteLength());
  return status == MemoryStatus::ok ? information.Env().Undefined() : fail(information.Env(), status);
}

Napi::Value Device::find_global(const Napi::CallbackInfo& information) {
  const Napi::Env env = information.Env();
  const auto module = state_->modules.find(information[0].As<Napi::Number>().Uint32Value());
  std::uint64_t address = 0, bytes = 0;
  if (module == state_->modules.end() ||
      !module->second->find_global(information[1].As<Napi::String>().Utf8Value(), address, bytes))
    return env.Null();
  Napi::Object result = Napi::Object::New(env);
  result.Set("address", Napi::BigInt::New(env, address));
  result.Set("bytes", static_cast<double>(bytes));
  return result;
}

/// launch(module, kernel, parameters, options)
Napi::Value Device::launch(const Napi::CallbackInfo& information) {
  const Napi::Env env = information.Env();
  const auto module = state_->modules.find(information[0].As<Napi::Number>().Uint32Value());
  if (module == state_->modules.end()) return fail(env, "bad-argument", "a module that is not loaded");
  const Kernel* kernel = module->second->module().find_kernel(information[1].As<Napi::String>().Utf8Value());
  if (kernel == nullptr)
    return fail(env, "bad-argument", "no kernel '" + information[1].As<Napi::String>().Utf8Value() + "' in the module");
  const auto parameters = information[2].As<Napi::Uint8Array>();
  const auto given = information[3].As<Napi::Object>();
  LaunchConfiguration configuration;
  configuration.grid = dimensions_of(given, "grid");
  configuration.block = dimensions_of(given, "block");
  configuration.cluster = cluster_of(*kernel, dimensions_of(given, "cluster"));
  configuration.dynamic_shared_bytes = number_of(given, "dynamicSharedBytes", 0);
  const auto* bytes = reinterpret_cast<const std::byte*>(parameters.Data());
  configuration.parameters.assign(bytes, bytes + parameters.ByteLength());
  configuration.device = state_->description;
  LaunchOptions options;
  options.host_threads = number_of(given, "hostThreads", 1);
  options.check_races = flag_of(given, "checkRaces", true);
  options.check_initialized = flag_of(given, "checkInitialized", true);
  options.count_memory = flag_of(given, "countMemory", true);
  options.first_block = number_of(given, "firstBlock", 0);
  options.block_count = number_of(given, "blockCount", 0);
  if (const Napi::Value trace = given.Get("trace"); trace.IsObject()) {
    const auto wanted = trace.As<Napi::Object>();
    options.trace.first_block = number_of(wanted, "firstBlock", static_cast<std::uint32_t>(options.first_block));
    options.trace.block_count = number_of(wanted, "blockCount", 1);
    options.trace.most_events = number_of(wanted, "mostEvents", options.trace.most_events);
  }
  const Napi::Value limit = given.Get("instructionLimit");
  if (limit.IsNumber()) options.instruction_limit = static_cast<std::uint64_t>(limit.As<Napi::Number>().DoubleValue());
  auto* worker = new LaunchWorker(env, state_, module->second, kernel, std::move(configuration), options);
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

}  // namespace halyard::simulator
