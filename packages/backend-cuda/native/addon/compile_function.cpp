#include "compile_function.h"

#include <map>
#include <mutex>

#include "../compiler/nvrtc.h"
#include "../probe/probe.h"
#include "halyard/node/addon.h"
#include "halyard/node/task.h"

namespace halyard::cuda {
namespace {

/// Each library is loaded once; it stays as long as the process.
Result<std::shared_ptr<const Nvrtc>> load_once(const std::string& path) {
  static auto* mutex = new std::mutex;
  static auto* known = new std::map<std::string, std::shared_ptr<const Nvrtc>>;
  std::lock_guard lock(*mutex);
  auto& nvrtc = (*known)[path];
  if (nvrtc) return nvrtc;
  auto loaded = Nvrtc::load(path);
  if (loaded) nvrtc = loaded.value();
  return loaded;
}

}  // namespace

Napi::Value compile_function(const Napi::CallbackInfo& information) {
  return node::Task<std::string>::start(
      information.Env(),
      [path = information[0].As<Napi::String>().Utf8Value(), source = information[1].As<Napi::String>().Utf8Value(),
       name = information[2].As<Napi::String>().Utf8Value(),
       architecture = information[3].As<Napi::Number>().Int32Value()]() -> Result<std::string> {
        auto nvrtc = load_once(path);
        if (!nvrtc) return nvrtc.error();
        return nvrtc.value()->compile(source, name,
                                      {architecture_option(architecture, nvrtc.value()->version()), "--std=c++17"});
      },
      [](Napi::Env env, std::string& ptx) -> Napi::Value { return Napi::String::New(env, ptx); });
}

}  // namespace halyard::cuda
