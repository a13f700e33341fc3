#pragma once

namespace halyard {

/// Gives back to the system what the allocator holds and nobody uses, of all threads: glibc's keeps an arena for each
/// thread, and each of them as large as its thread's greatest need.
void return_unused_memory();

}  // namespace halyard
