#include "capture.h"

#include <algorithm>
#include <set>

#include "graph.h"

namespace halyard::simulator {

CUstreamCaptureMode& thread_capture_mode() {
  thread_local CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  return mode;
}

void begin_capture(Driver& driver, const std::shared_ptr<Stream>& stream, CUstreamCaptureMode mode) {
  require(!stream->is_legacy, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  require(!stream->capture, CUDA_ERROR_ILLEGAL_STATE);
  auto capture = std::make_shared<Capture>();
  capture->graph = std::make_shared<Graph>();
  capture->origin = stream.get();
  capture->mode = mode;
  capture->thread = std::this_thread::get_id();
  capture->id = driver.next_id++;
  capture->streams.push_back(stream.get());
  driver.captures.push_back(capture);
  stream->capture = capture;
  stream->capture_dependencies.clear();
}

namespace {

/// Whether all that other streams did leads to what the first stream ends with.
bool is_joined(Driver& driver, const Capture& capture) {
  std::set<CUgraphNode> before;
  std::vector<CUgraphNode> pending = capture.origin->capture_dependencies;
  while (!pending.empty()) {
    const CUgraphNode node = pending.back();
    pending.pop_back();
    if (!before.insert(node).second) continue;
    const auto found = driver.nodes.find(node);
    if (found) pending.insert(pending.end(), found->dependencies.begin(), found->dependencies.end());
  }
  for (const Stream* stream : capture.streams)
    for (const CUgraphNode node : stream->capture_dependencies)
      if (!before.contains(node)) return false;
  return true;
}

}  // namespace

std::shared_ptr<Graph> end_capture(Driver& driver, Stream& stream) {
  const auto capture = stream.capture;
  require(capture != nullptr, CUDA_ERROR_ILLEGAL_STATE);
  require(capture->origin == &stream, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
  require(capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED || capture->thread == std::this_thread::get_id(),
          CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
  const CUresult result = capture->is_invalid             ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
                          : !is_joined(driver, *capture) ? CUDA_ERROR_STREAM_CAPTURE_UNJOINED
                                                          : CUDA_SUCCESS;
  for (Stream* member : capture->streams) {
    member->capture.reset();
    member->capture_dependencies.clear();
  }
  std::erase(driver.captures, capture);
  require(result == CUDA_SUCCESS, result);
  return capture->graph;
}

void capture_work(Driver& driver, Stream& stream, std::shared_ptr<const Work> work) {
  Capture& capture = *stream.capture;
  require(!capture.is_invalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  const CUgraphNode node =
      add_node(driver, *capture.graph, stream.context, std::move(work), stream.capture_dependencies);
  stream.capture_dependencies = {node};
}

void capture_record(Stream& stream, Event& event) {
  require(!stream.capture->is_invalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  event.capture = stream.capture;
  event.capture_dependencies = stream.capture_dependencies;
  event.operation.reset();
}

void capture_wait(Driver& driver, Stream& stream, const Event& event) {
  if (!event.capture) {
    stream.capture->is_invalid = true;
    fail(CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  }
  require(std::find(driver.captures.begin(), driver.captures.end(), event.capture) != driver.captures.end(),
          CUDA_ERROR_INVALID_VALUE);
  if (stream.capture && stream.capture != event.capture) {
    stream.capture->is_invalid = event.capture->is_invalid = true;
    fail(CUDA_ERROR_STREAM_CAPTURE_MERGE);
  }
  require(!stream.is_legacy, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  if (!stream.capture) {
    stream.capture = event.capture;
    stream.capture_dependencies.clear();
    event.capture->streams.push_back(&stream);
  }
  for (const CUgraphNode node : event.capture_dependencies) {
    auto& known = stream.capture_dependencies;
    if (std::find(known.begin(), known.end(), node) == known.end()) known.push_back(node);
  }
}

void require_no_implicit_dependency(Driver& driver, const Stream& stream) {
  if (!stream.is_legacy) return;
  for (const auto& capture : driver.captures)
    for (const Stream* member : capture->streams)
      if (member->is_blocking() && member->context == stream.context) {
        capture->is_invalid = true;
        fail(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
      }
}

void require_no_capture(Driver& driver) {
  const CUstreamCaptureMode mode = thread_capture_mode();
  if (mode == CU_STREAM_CAPTURE_MODE_RELAXED) return;
  bool is_forbidden = false;
  for (const auto& capture : driver.captures) {
    const bool is_mine = capture->thread == std::this_thread::get_id();
    if (capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED) continue;
    if (!is_mine && (capture->mode != CU_STREAM_CAPTURE_MODE_GLOBAL || mode != CU_STREAM_CAPTURE_MODE_GLOBAL)) continue;
    capture->is_invalid = true;
    is_forbidden = true;
  }
  require(!is_forbidden, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
}

}  // namespace halyard::simulator
