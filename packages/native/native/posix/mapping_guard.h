#pragma once

#include <atomic>
#include <cstddef>

namespace halyard {

/// Watches over [start, start + length): a bus error there is answered with zero pages and `damaged = true`. Returns a
/// place to give back to `unguard_mapping`, or −1 if all places are taken (the mapping is then not watched over).
int guard_mapping(void* start, std::size_t length, std::atomic<bool>* damaged);
void unguard_mapping(int place);

}  // namespace halyard
