#pragma once

#include <napi.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "execution/launch.h"

namespace halyard::simulator {

/// A device of its own, in this process: memory and modules. Launches run on a thread of the addon's, one at a time.
class Device : public Napi::ObjectWrap<Device> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit Device(const Napi::CallbackInfo& information);

  /// Shared with launches under way.
  struct State {
    std::shared_ptr<AddressSpace> memory;
    DeviceDescription description;
    std::map<std::uint32_t, std::shared_ptr<LoadedModule>> modules;
    std::uint32_t next_module = 1;
    std::mutex launching;
  };

 private:
  Napi::Value load(const Napi::CallbackInfo& information);
  Napi::Value unload(const Napi::CallbackInfo& information);
  Napi::Value allocate(const Napi::CallbackInfo& information);
  Napi::Value free(const Napi::CallbackInfo& information);
  Napi::Value write(const Napi::CallbackInfo& information);
  Napi::Value read(const Napi::CallbackInfo& information);
  Napi::Value find_global(const Napi::CallbackInfo& information);
  Napi::Value launch(const Napi::CallbackInfo& information);

  std::shared_ptr<State> state_;
};

/// encodeTensorMap(options): 128 bytes.
Napi::Value encode_tensor_map(const Napi::CallbackInfo& information);

/// What a launch has to tell, as plain objects.
Napi::Object result_to_object(Napi::Env env, const LaunchResult& result);
Napi::Object trace_to_object(Napi::Env env, const Trace& trace);
Napi::Object kernel_to_object(Napi::Env env, const Kernel& kernel);

}  // namespace halyard::simulator
