#pragma once

#include <napi.h>

namespace halyard::cuda {

/// probe(compilerPaths, productLibraryPaths): what ../probe/probe.h finds, as plain data.
Napi::Value probe_function(const Napi::CallbackInfo& information);

}  // namespace halyard::cuda
