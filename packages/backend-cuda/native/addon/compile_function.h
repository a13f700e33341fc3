#pragma once

#include <napi.h>

namespace halyard::cuda {

/// compileSource(nvrtc: string, source: string, name: string, architecture: number): a promise of PTX.
Napi::Value compile_function(const Napi::CallbackInfo& information);

}  // namespace halyard::cuda
