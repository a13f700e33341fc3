#pragma once

#include <napi.h>

namespace halyard::cuda {

/// planProducts(device, products: Uint8Array): a promise of what cuBLASLt makes of each product that `encodeProducts`
/// wrote, { workspaceBytes, algorithm, waves } or { refusal }. Rejects with `cuda:cublaslt-missing`,
/// `cuda:cublaslt-too-old`.
Napi::Value plan_function(const Napi::CallbackInfo& information);

}  // namespace halyard::cuda
