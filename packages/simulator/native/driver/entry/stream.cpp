// Streams, events, calls of the host.
#include "../call.h"
#include "../graph.h"
#include "../memory_work.h"

using namespace halyard::simulator;

namespace {

constexpr int greatest_priority = -5;

CUresult create(const char* function, CUstream* handle, unsigned flags, int priority) {
  return enter(function, [&](Call& call) {
    require(handle && flags <= 1);
    auto stream = make_stream(call.driver, call.context, flags);
    stream->priority = std::clamp(priority, greatest_priority, 0);
    *handle = call.driver.streams.add(std::move(stream));
  });
}

/// Whether an operation is done; the host is behind it then.
bool query(Driver& driver, const OperationPointer& operation) {
  if (!operation) return true;
  if (operation->is_done) driver.host_clock.join(operation->clock);
  return operation->is_done;
}

void record(Call& call, CUevent handle, CUstream stream_handle) {
  const auto event = call.driver.events.get(handle);
  const auto stream = call.stream(stream_handle);
  require(event->context->device == stream->context->device, CUDA_ERROR_INVALID_HANDLE);
  if (stream->capture) return capture_record(*stream, *event);
  event->capture.reset();
  event->capture_dependencies.clear();
  event->operation = submit(call.driver, *stream, nullptr);
}

CUresult elapsed(const char* function, float* milliseconds, CUevent start, CUevent end) {
  return enter(function, [&](Call& call) {
    require(milliseconds != nullptr);
    const auto first = call.driver.events.get(start);
    const auto second = call.driver.events.get(end);
    require(first->measures_time() && second->measures_time() && first->operation && second->operation,
            CUDA_ERROR_INVALID_HANDLE);
    require(first->operation->is_done && second->operation->is_done, CUDA_ERROR_NOT_READY);
    *milliseconds =
        std::chrono::duration<float, std::milli>(second->operation->finished - first->operation->finished).count();
  });
}

/// A callback is told whether its stream is well, unlike other calls of the host.
class CallbackWork : public Work {
 public:
  CallbackWork(CUstream stream, CUstreamCallback callback, void* data)
      : stream_(stream), callback_(callback), data_(data) {}
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_HOST; }
  CUresult run(Execution&) const override {
    callback_(stream_, CUDA_SUCCESS, data_);
    return CUDA_SUCCESS;
  }
  std::string describe() const override { return "a callback"; }

 private:
  CUstream stream_;
  CUstreamCallback callback_;
  void* data_;
};

}  // namespace

CUresult cuStreamCreate(CUstream* stream, unsigned flags) { return create("cuStreamCreate", stream, flags, 0); }
CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int priority) {
  return create("cuStreamCreateWithPriority", stream, flags, priority);
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  return enter("cuStreamDestroy_v2", [&](Call& call) {
    const auto stream = call.driver.streams.get(handle);
    if (stream->capture) stream->capture->is_invalid = true;
    // What was submitted goes on.
    auto& ended = stream->context->ended;
    std::erase_if(ended, [](const OperationPointer& operation) { return operation->is_done; });
    if (stream->last && !stream->last->is_done) ended.push_back(stream->last);
    call.driver.streams.remove(handle);
  });
}

CUresult cuStreamSynchronize(CUstream handle) {
  return enter("cuStreamSynchronize", [&](Call& call) {
    const auto stream = call.stream(handle);
    if (stream->capture) {
      stream->capture->is_invalid = true;
      fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    }
    if (stream->is_legacy) return wait_for_all(call.driver, call.lock, *stream->context);
    wait_for(call.driver, call.lock, stream->last);
  });
}

CUresult cuStreamQuery(CUstream handle) {
  return enter("cuStreamQuery", [&](Call& call) {
    const auto stream = call.stream(handle);
    require(!stream->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    require(query(call.driver, stream->last), CUDA_ERROR_NOT_READY);
  });
}

CUresult cuStreamWaitEvent(CUstream stream_handle, CUevent handle, unsigned flags) {
  return enter("cuStreamWaitEvent", [&](Call& call) {
    require(flags <= 1);
    const auto event = call.driver.events.get(handle);
    const auto stream = call.stream(stream_handle);
    if (event->capture || stream->capture) return capture_wait(call.driver, *stream, *event);
    if (event->operation) submit(call.driver, *stream, nullptr, {event->operation});
  });
}

CUresult cuLaunchHostFunc(CUstream handle, CUhostFn function, void* data) {
  return enter("cuLaunchHostFunc", [&](Call& call) {
    require(function != nullptr);
    submit(call.driver, *call.stream(handle), std::make_shared<HostWork>(CUDA_HOST_NODE_PARAMS{function, data}));
  });
}

CUresult cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void* data, unsigned flags) {
  return enter("cuStreamAddCallback", [&](Call& call) {
    require(callback && flags == 0);
    const auto stream = call.stream(handle);
    require(!stream->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    submit(call.driver, *stream, std::make_shared<CallbackWork>(handle, callback, data));
  });
}

CUresult cuStreamGetCtx(CUstream handle, CUcontext* context) {
  return enter("cuStreamGetCtx", [&](Call& call) {
    require(context != nullptr);
    *context = reinterpret_cast<CUcontext>(call.stream(handle)->context.get());
  });
}

CUresult cuStreamGetFlags(CUstream handle, unsigned* flags) {
  return enter("cuStreamGetFlags", [&](Call& call) {
    require(flags != nullptr);
    *flags = call.stream(handle)->flags;
  });
}

CUresult cuStreamGetPriority(CUstream handle, int* priority) {
  return enter("cuStreamGetPriority", [&](Call& call) {
    require(priority != nullptr);
    *priority = call.stream(handle)->priority;
  });
}

CUresult cuStreamGetId(CUstream handle, unsigned long long* id) {
  return enter("cuStreamGetId", [&](Call& call) {
    require(id != nullptr);
    *id = call.stream(handle)->id;
  });
}

CUresult cuStreamGetDevice(CUstream handle, CUdevice* device) {
  return enter("cuStreamGetDevice", [&](Call& call) {
    require(device != nullptr);
    *device = call.stream(handle)->context->device->ordinal;
  });
}

CUresult cuEventCreate(CUevent* handle, unsigned flags) {
  return enter("cuEventCreate", [&](Call& call) {
    // Events between processes are not simulated.
    require(handle && flags <= 3);
    auto event = std::make_shared<Event>();
    event->context = call.context;
    event->flags = flags;
    *handle = call.driver.events.add(std::move(event));
  });
}

CUresult cuEventDestroy_v2(CUevent handle) {
  return enter("cuEventDestroy_v2", [&](Call& call) {
    call.driver.events.get(handle);
    call.driver.events.remove(handle);
  });
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
  return enter("cuEventRecord", [&](Call& call) { record(call, event, stream); });
}

CUresult cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned flags) {
  return enter("cuEventRecordWithFlags", [&](Call& call) {
    require(flags <= 1);
    record(call, event, stream);
  });
}

CUresult cuEventSynchronize(CUevent handle) {
  return enter("cuEventSynchronize", [&](Call& call) {
    const auto event = call.driver.events.get(handle);
    require(!event->capture, CUDA_ERROR_CAPTURED_EVENT);
    wait_for(call.driver, call.lock, event->operation);
  });
}

CUresult cuEventQuery(CUevent handle) {
  return enter("cuEventQuery", [&](Call& call) {
    const auto event = call.driver.events.get(handle);
    require(!event->capture, CUDA_ERROR_CAPTURED_EVENT);
    require(query(call.driver, event->operation), CUDA_ERROR_NOT_READY);
  });
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  return elapsed("cuEventElapsedTime", milliseconds, start, end);
}
CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) {
  return elapsed("cuEventElapsedTime_v2", milliseconds, start, end);
}
