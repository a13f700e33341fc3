// Work in two streams on the same memory.
#include "program.h"

namespace {

/// A copy on one stream, its use on another; with or without the event between.
void copy_then_use(bool waits) {
  Session session;
  const CUstream copies = make_stream(), work = make_stream();
  float* host = pinned();
  for (int i = 0; i < count; ++i) host[i] = 1;
  const CUdeviceptr x = allocate();
  CUevent filled = nullptr;
  check(cuEventCreate(&filled, CU_EVENT_DISABLE_TIMING));
  check(cuMemcpyHtoDAsync(x, host, bytes, copies));
  if (waits) {
    check(cuEventRecord(filled, copies));
    check(cuStreamWaitEvent(work, filled, 0));
  }
  check(launch_scale(session, x, 2, work));
  check(cuStreamSynchronize(work));
  check(cuStreamSynchronize(copies));
  say("sum", sum_of(x));
}

/// The host has waited: that is as good as an event.
void wait_on_host() {
  Session session;
  const CUstream copies = make_stream(), work = make_stream();
  const CUdeviceptr x = allocate();
  check(cuMemsetD32Async(x, 0x3f800000, count, copies));
  check(cuStreamSynchronize(copies));
  check(launch_scale(session, x, 2, work));
  check(cuStreamSynchronize(work));
  check(cuMemsetD32Async(x, 0x3f800000, count, copies));
  check(cuStreamSynchronize(copies));
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments,
                      {{"not-waited-for", [] { copy_then_use(false); }},
                       {"waited-for", [] { copy_then_use(true); }},
                       {"waited-for-by-host", wait_on_host}});
}
