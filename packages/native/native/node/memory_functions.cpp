#include "environment.h"
#include "halyard/unused_memory.h"
#include "halyard/node/task.h"

namespace halyard::node {
namespace {

/// open(adapter, options)
Napi::Value open(const Napi::CallbackInfo& information) {
  using Opened = std::shared_ptr<Backend>;
  return Task<Opened>::start(
      information.Env(),
      [open = Environment::of(information.Env()).open(), adapter = information[0].As<Napi::String>().Utf8Value(),
       options = to_attributes(information[1].As<Napi::Object>())] { return open(adapter, options); },
      [](Napi::Env env, Opened& backend) -> Napi::Value {
        auto device = std::make_shared<OpenDevice>();
        device->backend = std::move(backend);
        Environment::of(env).add(device);
        return wrap(env, device);
      });
}

class CloseWorker : public Napi::AsyncWorker {
 public:
  CloseWorker(Napi::Env env, std::shared_ptr<OpenDevice> device)
      : Napi::AsyncWorker(env), deferred_(env), device_(std::move(device)) {}
  Napi::Promise promise() const { return deferred_.promise(); }
  void Execute() override {
    device_->close(false);
    return_unused_memory();
  }
  void OnOK() override {
    Environment::of(Env()).remove(device_.get());
    deferred_.resolve(Env().Undefined());
  }

 private:
  Deferred deferred_;
  std::shared_ptr<OpenDevice> device_;
};

Napi::Value close(const Napi::CallbackInfo& information) {
  unwrap<OpenDevice>(information[0])->seal();
  auto* worker = new CloseWorker(information.Env(), unwrap<OpenDevice>(information[0]));
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

/// lost(device): a promise that rejects once the device is lost, and resolves if it is closed before that.
Napi::Value lost(const Napi::CallbackInfo& information) {
  const TokenPointer token = unwrap<OpenDevice>(information[0])->loss->token();
  return Environment::of(information.Env()).promise_for(information.Env(), token, false);
}

using RegionPointer = std::shared_ptr<Region>;

Napi::Value region_or_undefined(Napi::Env env, RegionPointer& region) {
  return region ? Napi::Value(wrap(env, region)) : env.Undefined();
}

/// reserve(device, bytes, tier): a promise of a region, or of undefined.
Napi::Value reserve(const Napi::CallbackInfo& information) {
  const Tier tier = information[2].As<Napi::String>().Utf8Value() == "pinned" ? Tier::pinned : Tier::device;
  return Task<RegionPointer>::start(
      information.Env(),
      [device = unwrap<OpenDevice>(information[0]), bytes = information[1].As<Napi::Number>().Int64Value(),
       tier]() -> Result<RegionPointer> {
        std::shared_ptr<Backend> backend = device->current();
        RegionPointer region = backend ? backend->reserve(bytes, tier) : nullptr;
        if (!region)
          if (Failure loss = device->check_loss()) return *loss;
        return region;
      },
      region_or_undefined);
}

/// resize(region, bytes): a promise of whether it was done, in place.
Napi::Value resize(const Napi::CallbackInfo& information) {
  return Task<bool>::start(
      information.Env(),
      [region = unwrap<Region>(information[0]), bytes = information[1].As<Napi::Number>().Int64Value()]()
          -> Result<bool> { return region && region->resize(bytes); },
      [](Napi::Env env, bool& done) -> Napi::Value { return Napi::Boolean::New(env, done); });
}

/// map(device, path, offset, bytes): a promise of a region, or of undefined.
Napi::Value map(const Napi::CallbackInfo& information) {
  return Task<RegionPointer>::start(
      information.Env(),
      [device = unwrap<OpenDevice>(information[0]), path = information[1].As<Napi::String>().Utf8Value(),
       offset = information[2].As<Napi::Number>().Int64Value(),
       bytes = information[3].As<Napi::Number>().Int64Value()]() -> Result<RegionPointer> {
        std::shared_ptr<Backend> backend = device->current();
        if (!backend) return RegionPointer();
        return backend->map(path, offset, bytes);
      },
      region_or_undefined);
}

Napi::Value release(const Napi::CallbackInfo& information) {
  give_back<Region>(information[0]);
  return information.Env().Undefined();
}

Napi::Value region_bytes(const Napi::CallbackInfo& information) {
  auto region = unwrap<Region>(information[0]);
  return Napi::Number::New(information.Env(), region ? static_cast<double>(region->bytes()) : 0);
}

/// The whole region as an ArrayBuffer that keeps it alive, or undefined where JavaScript cannot reach it.
Napi::Value region_buffer(const Napi::CallbackInfo& information) {
  auto region = unwrap<Region>(information[0]);
  if (!region || region->data() == nullptr) return information.Env().Undefined();
  auto* keeper = new std::shared_ptr<Region>(region);
  return Napi::ArrayBuffer::New(
      information.Env(), region->data(), static_cast<std::size_t>(region->bytes()),
      [](Napi::Env, void*, std::shared_ptr<Region>* held) { delete held; }, keeper);
}

Napi::Value detach(const Napi::CallbackInfo& information) {
  auto buffer = information[0].As<Napi::ArrayBuffer>();
  if (!buffer.IsDetached()) buffer.Detach();
  return information.Env().Undefined();
}

}  // namespace

void register_memory_functions(Napi::Env env, Napi::Object exports) {
  exports.Set("open", Napi::Function::New(env, open));
  exports.Set("close", Napi::Function::New(env, close));
  exports.Set("lost", Napi::Function::New(env, lost));
  exports.Set("reserve", Napi::Function::New(env, reserve));
  exports.Set("resize", Napi::Function::New(env, resize));
  exports.Set("map", Napi::Function::New(env, map));
  exports.Set("release", Napi::Function::New(env, release));
  exports.Set("regionBytes", Napi::Function::New(env, region_bytes));
  exports.Set("regionBuffer", Napi::Function::New(env, region_buffer));
  exports.Set("detach", Napi::Function::New(env, detach));
}

void register_device_functions(Napi::Env env, Napi::Object exports, OpenFunction open) {
  env.SetInstanceData(new Environment(env, open));
  register_memory_functions(env, exports);
  register_execution_functions(env, exports);
  register_queue_functions(env, exports);
}

}  // namespace halyard::node
