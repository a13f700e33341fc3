// Capture of streams into graphs.
#include "../capture.h"

#include "../call.h"
#include "../graph.h"

using namespace halyard::simulator;

namespace {

void write_info(Call& call, CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* id, CUgraph* graph,
                const CUgraphNode** dependencies, std::size_t* count) {
  require(status != nullptr);
  const auto stream = call.stream(handle);
  *status = !stream->capture             ? CU_STREAM_CAPTURE_STATUS_NONE
            : stream->capture->is_invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                          : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  if (!stream->capture) return;
  if (id) *id = stream->capture->id;
  if (graph) *graph = reinterpret_cast<CUgraph>(stream->capture->graph.get());
  if (dependencies) *dependencies = stream->capture_dependencies.data();
  if (count) *count = stream->capture_dependencies.size();
}

}  // namespace

CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
  return enter("cuStreamBeginCapture_v2", [&](Call& call) {
    require(mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && mode <= CU_STREAM_CAPTURE_MODE_RELAXED);
    begin_capture(call.driver, call.stream(handle), mode);
    const auto& graph = call.stream(handle)->capture->graph;
    call.driver.graphs.add(graph);
  });
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  return enter("cuStreamEndCapture", [&](Call& call) {
    require(graph != nullptr);
    *graph = nullptr;
    const auto stream = call.stream(handle);
    const auto capture = stream->capture;
    try {
      *graph = reinterpret_cast<CUgraph>(end_capture(call.driver, *stream).get());
    } catch (const CallFailed&) {
      if (capture && !stream->capture) forget(call.driver, *capture->graph);
      throw;
    }
  });
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* status) {
  return enter("cuStreamIsCapturing",
               [&](Call& call) { write_info(call, handle, status, nullptr, nullptr, nullptr, nullptr); });
}

CUresult cuStreamGetCaptureInfo(CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* id) {
  return enter("cuStreamGetCaptureInfo",
               [&](Call& call) { write_info(call, handle, status, id, nullptr, nullptr, nullptr); });
}

CUresult cuStreamGetCaptureInfo_v2(CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* id, CUgraph* graph,
                                   const CUgraphNode** dependencies, std::size_t* count) {
  return enter("cuStreamGetCaptureInfo_v2",
               [&](Call& call) { write_info(call, handle, status, id, graph, dependencies, count); });
}

CUresult cuStreamGetCaptureInfo_v3(CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* id, CUgraph* graph,
                                   const CUgraphNode** dependencies, const CUgraphEdgeData** edges,
                                   std::size_t* count) {
  return enter("cuStreamGetCaptureInfo_v3", [&](Call& call) {
    write_info(call, handle, status, id, graph, dependencies, count);
    if (edges) *edges = nullptr;
  });
}

CUresult cuStreamUpdateCaptureDependencies(CUstream handle, CUgraphNode* dependencies, std::size_t count,
                                           unsigned flags) {
  return enter("cuStreamUpdateCaptureDependencies", [&](Call& call) {
    require(flags <= 1 && (dependencies || count == 0));
    const auto stream = call.stream(handle);
    require(stream->capture != nullptr, CUDA_ERROR_ILLEGAL_STATE);
    for (std::size_t i = 0; i < count; ++i) call.driver.nodes.get(dependencies[i], CUDA_ERROR_INVALID_VALUE);
    // 0 adds, 1 puts in place of what was there.
    if (flags == 1) stream->capture_dependencies.clear();
    stream->capture_dependencies.insert(stream->capture_dependencies.end(), dependencies, dependencies + count);
  });
}

CUresult cuStreamUpdateCaptureDependencies_v2(CUstream stream, CUgraphNode* dependencies, const CUgraphEdgeData*,
                                              std::size_t count, unsigned flags) {
  return cuStreamUpdateCaptureDependencies(stream, dependencies, count, flags);
}

CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  return enter("cuThreadExchangeStreamCaptureMode", Needs::initialization, [&](Call&) {
    require(mode && *mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && *mode <= CU_STREAM_CAPTURE_MODE_RELAXED);
    std::swap(*mode, thread_capture_mode());
  });
}
