#pragma once

#include <memory>

#include "state.h"

namespace halyard::simulator {

/// All with the driver's lock held.

void begin_capture(Driver& driver, const std::shared_ptr<Stream>& stream, CUstreamCaptureMode mode);
/// Throws what is wrong with the capture; it has ended nevertheless.
std::shared_ptr<Graph> end_capture(Driver& driver, Stream& stream);
void capture_work(Driver& driver, Stream& stream, std::shared_ptr<const Work> work);
void capture_record(Stream& stream, Event& event);
/// The stream goes behind what was captured before the event was recorded, and becomes part of the capture.
void capture_wait(Driver& driver, Stream& stream, const Event& event);

/// Throws, and spoils the capture, if the default stream is used while a stream that waits for it is captured.
void require_no_implicit_dependency(Driver& driver, const Stream& stream);
/// The same for a call that no thread may make while a capture forbids it.
void require_no_capture(Driver& driver);

/// The calling thread's own mode, see cuThreadExchangeStreamCaptureMode.
CUstreamCaptureMode& thread_capture_mode();

}  // namespace halyard::simulator
