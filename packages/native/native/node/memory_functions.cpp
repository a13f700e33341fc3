#include "environment.h"

namespace halyard::node {
namespace {

/// Opens the adapter `id` with options; throws what the backend answers.
Napi::Value open(const Napi::CallbackInfo& information) {
  Environment& environment = Environment::of(information.Env());
  auto backend = environment.open()(information[0].As<Napi::String>().Utf8Value(),
                                    to_attributes(information[1].As<Napi::Object>()));
  if (!backend) {
    raise(information.Env(), backend.error());
    return information.Env().Undefined();
  }
  auto device = std::make_shared<OpenDevice>();
  device->backend = backend.value();
  environment.add(device);
  return wrap(information.Env(), device);
}

class CloseWorker : public Napi::AsyncWorker {
 public:
  CloseWorker(Napi::Env env, std::shared_ptr<OpenDevice> device)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), device_(std::move(device)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }
  void Execute() override { device_->close(false); }
  void OnOK() override {
    Environment::of(Env()).remove(device_.get());
    deferred_.Resolve(Env().Undefined());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<OpenDevice> device_;
};

Napi::Value close(const Napi::CallbackInfo& information) {
  unwrap<OpenDevice>(information[0])->seal();
  auto* worker = new CloseWorker(information.Env(), unwrap<OpenDevice>(information[0]));
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

/// Why the device was lost, or undefined.
Napi::Value lost(const Napi::CallbackInfo& information) {
  Failure failure = unwrap<OpenDevice>(information[0])->backend->lost();
  return failure ? Napi::Value(Napi::String::New(information.Env(), failure->found)) : information.Env().Undefined();
}

Napi::Value reserve(const Napi::CallbackInfo& information) {
  auto& device = unwrap<OpenDevice>(information[0]);
  Tier tier = information[2].As<Napi::String>().Utf8Value() == "pinned" ? Tier::pinned : Tier::device;
  std::shared_ptr<Region> region = device->backend->reserve(information[1].As<Napi::Number>().Int64Value(), tier);
  return region ? Napi::Value(wrap(information.Env(), region)) : information.Env().Undefined();
}

Napi::Value map(const Napi::CallbackInfo& information) {
  auto& device = unwrap<OpenDevice>(information[0]);
  auto region = device->backend->map(information[1].As<Napi::String>().Utf8Value(),
                                     information[2].As<Napi::Number>().Int64Value(),
                                     information[3].As<Napi::Number>().Int64Value());
  if (!region) {
    raise(information.Env(), region.error());
    return information.Env().Undefined();
  }
  return region.value() ? Napi::Value(wrap(information.Env(), region.value())) : information.Env().Undefined();
}

Napi::Value release(const Napi::CallbackInfo& information) {
  unwrap<Region>(information[0]).reset();
  return information.Env().Undefined();
}

Napi::Value region_bytes(const Napi::CallbackInfo& information) {
  auto& region = unwrap<Region>(information[0]);
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
