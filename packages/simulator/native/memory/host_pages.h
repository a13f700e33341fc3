#pragma once

#include <cstdint>

namespace halyard::simulator {

/// Zero pages of the host, taken only as they are written: posix/ and windows/. Null if there is no room.
void* take_host_pages(std::uint64_t bytes);
/// With the very number that they were taken with.
void give_host_pages(void* pages, std::uint64_t bytes);

}  // namespace halyard::simulator
