#pragma once

#include <mutex>
#include <vector>

#include "state.h"

namespace halyard::simulator {

/// All with the driver's lock held.

/// Appends a work to a stream, behind what the driver orders it after, or to the graph that the stream is captured
/// into: null then.
OperationPointer submit(Driver& driver, Stream& stream, std::shared_ptr<const Work> work,
                        const std::vector<OperationPointer>& after = {});

/// Puts a work on a device behind others.
OperationPointer enqueue(Driver& driver, const std::shared_ptr<Context>& context, std::shared_ptr<const Work> work,
                         const std::vector<OperationPointer>& after, std::size_t lane, std::string place);

/// Gives up the lock until the operation is done; the host is behind it then. Throws the context's error.
void wait_for(Driver& driver, std::unique_lock<std::mutex>& lock, OperationPointer operation);

/// The same for all that was submitted to the context.
void wait_for_all(Driver& driver, std::unique_lock<std::mutex>& lock, Context& context);

/// The operations that end all streams of a context.
std::vector<OperationPointer> last_operations(Driver& driver, const Context& context);

/// The error that all calls of a context give from now on, or success.
CUresult error_of(const Context& context);

}  // namespace halyard::simulator
