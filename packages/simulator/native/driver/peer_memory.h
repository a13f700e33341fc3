#pragma once

#include <memory>

#include "state.h"

namespace halyard::simulator {

/// All with the driver's lock held.

/// Whether the configuration lets two devices read and write each other's memory, once a program asks for it.
bool can_be_peers(const Driver& driver, int one, int other);

/// Whether a device was let into the memory of another that begins at this address: by its context, by the mapping, or by
/// the pool that it comes from.
bool has_peer_access(const Driver& driver, const Device& viewer, const Device& owner, std::uint64_t begin);

/// What kernels of a device see: its own memory, that of others which it was let into, and, so that a finding can name
/// it, what it was not let into.
std::shared_ptr<const MemorySnapshot> visible_memory(Driver& driver, Device& viewer);

}  // namespace halyard::simulator
