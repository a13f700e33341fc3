// Primary and own contexts, and which is current.
#include "../call.h"
#include "../peer_memory.h"

using namespace halyard::simulator;

namespace {

CUcontext handle_of(const std::shared_ptr<Context>& context) { return reinterpret_cast<CUcontext>(context.get()); }

std::shared_ptr<Context> context_of(Call& call, CUcontext handle) {
  return handle ? call.driver.contexts.get(handle, CUDA_ERROR_INVALID_CONTEXT) : call.context;
}

CUresult create(const char* function, CUcontext* context, unsigned flags, CUdevice device) {
  return enter(function, Needs::initialization, [&](Call& call) {
    require(context != nullptr);
    *context = handle_of(make_context(call.driver, call.driver.device(device), flags));
    context_stack().push_back(*context);
  });
}

CUresult release_primary(const char* function, CUdevice ordinal, bool resets) {
  return enter(function, Needs::initialization, [&](Call& call) {
    Device& device = call.driver.device(ordinal);
    if (!resets) require(device.primary_references > 0, CUDA_ERROR_INVALID_CONTEXT);
    if (!device.primary) return;
    if (!resets && --device.primary_references > 0) return;
    const auto context = std::move(device.primary);
    device.primary = nullptr;
    device.primary_references = 0;
    destroy_context(call, context);
  });
}

CUresult set_primary_flags(const char* function, CUdevice ordinal, unsigned flags) {
  return enter(function, Needs::initialization, [&](Call& call) { call.driver.device(ordinal).primary_flags = flags; });
}

}  // namespace

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice ordinal) {
  return enter("cuDevicePrimaryCtxRetain", Needs::initialization, [&](Call& call) {
    require(context != nullptr);
    Device& device = call.driver.device(ordinal);
    if (!device.primary) {
      device.primary = make_context(call.driver, device, device.primary_flags);
      device.primary->is_primary = true;
    }
    ++device.primary_references;
    *context = handle_of(device.primary);
  });
}

CUresult cuDevicePrimaryCtxRelease(CUdevice device) { return cuDevicePrimaryCtxRelease_v2(device); }
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return release_primary("cuDevicePrimaryCtxRelease_v2", device, false);
}
CUresult cuDevicePrimaryCtxReset(CUdevice device) { return cuDevicePrimaryCtxReset_v2(device); }
CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
  return release_primary("cuDevicePrimaryCtxReset_v2", device, true);
}
CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned flags) {
  return cuDevicePrimaryCtxSetFlags_v2(device, flags);
}
CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned flags) {
  return set_primary_flags("cuDevicePrimaryCtxSetFlags_v2", device, flags);
}

CUresult cuDevicePrimaryCtxGetState(CUdevice ordinal, unsigned* flags, int* active) {
  return enter("cuDevicePrimaryCtxGetState", Needs::initialization, [&](Call& call) {
    require(flags && active);
    *flags = call.driver.device(ordinal).primary_flags;
    *active = call.driver.device(ordinal).primary != nullptr;
  });
}

CUresult cuCtxCreate_v2(CUcontext* context, unsigned flags, CUdevice device) {
  return create("cuCtxCreate_v2", context, flags, device);
}

CUresult cuCtxCreate_v4(CUcontext* context, CUctxCreateParams* parameters, unsigned flags, CUdevice device) {
  return parameters ? CUDA_ERROR_NOT_SUPPORTED : create("cuCtxCreate_v4", context, flags, device);
}

CUresult cuCtxDestroy_v2(CUcontext handle) {
  return enter("cuCtxDestroy_v2", Needs::initialization, [&](Call& call) {
    const auto context = call.driver.contexts.get(handle, CUDA_ERROR_INVALID_CONTEXT);
    require(!context->is_primary, CUDA_ERROR_INVALID_CONTEXT);
    destroy_context(call, context);
    auto& stack = context_stack();
    if (!stack.empty() && stack.back() == handle) stack.pop_back();
  });
}

CUresult cuCtxPushCurrent_v2(CUcontext handle) {
  return enter("cuCtxPushCurrent_v2", Needs::initialization, [&](Call& call) {
    call.driver.contexts.get(handle, CUDA_ERROR_INVALID_CONTEXT);
    context_stack().push_back(handle);
  });
}

CUresult cuCtxPopCurrent_v2(CUcontext* handle) {
  return enter("cuCtxPopCurrent_v2", Needs::initialization, [&](Call&) {
    auto& stack = context_stack();
    require(!stack.empty(), CUDA_ERROR_INVALID_CONTEXT);
    if (handle) *handle = stack.back();
    stack.pop_back();
  });
}

CUresult cuCtxSetCurrent(CUcontext handle) {
  return enter("cuCtxSetCurrent", Needs::initialization, [&](Call& call) {
    auto& stack = context_stack();
    if (handle) call.driver.contexts.get(handle, CUDA_ERROR_INVALID_CONTEXT);
    if (!stack.empty()) stack.pop_back();
    if (handle) stack.push_back(handle);
  });
}

CUresult cuCtxGetCurrent(CUcontext* handle) {
  return enter("cuCtxGetCurrent", Needs::initialization, [&](Call&) {
    require(handle != nullptr);
    *handle = context_stack().empty() ? nullptr : context_stack().back();
  });
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return enter("cuCtxGetDevice", [&](Call& call) {
    require(device != nullptr);
    *device = call.device().ordinal;
  });
}

CUresult cuCtxGetDevice_v2(CUdevice* device, CUcontext handle) {
  return enter("cuCtxGetDevice_v2", [&](Call& call) {
    require(device != nullptr);
    *device = context_of(call, handle)->device->ordinal;
  });
}

CUresult cuCtxGetFlags(unsigned* flags) {
  return enter("cuCtxGetFlags", [&](Call& call) {
    require(flags != nullptr);
    *flags = call.context->flags;
  });
}

CUresult cuCtxGetId(CUcontext handle, unsigned long long* id) {
  return enter("cuCtxGetId", [&](Call& call) {
    require(id != nullptr);
    *id = context_of(call, handle)->id;
  });
}

CUresult cuCtxSynchronize() {
  return enter("cuCtxSynchronize", [&](Call& call) {
    require_no_capture(call.driver);
    wait_for_all(call.driver, call.lock, *call.context);
  });
}

CUresult cuCtxSynchronize_v2(CUcontext handle) {
  return enter("cuCtxSynchronize_v2", [&](Call& call) {
    require_no_capture(call.driver);
    wait_for_all(call.driver, call.lock, *context_of(call, handle));
  });
}

CUresult cuCtxGetLimit(std::size_t* value, CUlimit limit) {
  return enter("cuCtxGetLimit", [&](Call& call) {
    require(value != nullptr);
    require(call.context->limits.contains(limit), CUDA_ERROR_UNSUPPORTED_LIMIT);
    *value = call.context->limits[limit];
  });
}

CUresult cuCtxSetLimit(CUlimit limit, std::size_t value) {
  return enter("cuCtxSetLimit", [&](Call& call) {
    require(call.context->limits.contains(limit), CUDA_ERROR_UNSUPPORTED_LIMIT);
    call.context->limits[limit] = value;
  });
}

CUresult cuCtxGetCacheConfig(CUfunc_cache* cache) {
  return enter("cuCtxGetCacheConfig", [&](Call&) {
    require(cache != nullptr);
    *cache = CU_FUNC_CACHE_PREFER_NONE;
  });
}

CUresult cuCtxSetCacheConfig(CUfunc_cache) {
  return enter("cuCtxSetCacheConfig", [](Call&) {});
}

CUresult cuCtxGetApiVersion(CUcontext handle, unsigned* version) {
  return enter("cuCtxGetApiVersion", [&](Call& call) {
    require(version != nullptr);
    context_of(call, handle);
    *version = 3020;
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return enter("cuCtxGetStreamPriorityRange", [&](Call&) {
    if (least) *least = 0;
    if (greatest) *greatest = -5;
  });
}

CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned flags) {
  return enter("cuCtxEnablePeerAccess", [&](Call& call) {
    require(flags == 0);
    const auto other = call.driver.contexts.get(peer, CUDA_ERROR_INVALID_CONTEXT);
    require(can_be_peers(call.driver, call.device().ordinal, other->device->ordinal),
            CUDA_ERROR_PEER_ACCESS_UNSUPPORTED);
    require(call.context->peers.insert(other.get()).second, CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
  });
}

CUresult cuCtxDisablePeerAccess(CUcontext peer) {
  return enter("cuCtxDisablePeerAccess", [&](Call& call) {
    const auto other = call.driver.contexts.get(peer, CUDA_ERROR_INVALID_CONTEXT);
    require(call.context->peers.erase(other.get()) > 0, CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);
  });
}
