#include "address_space.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace halyard::simulator {

namespace {

constexpr std::uint64_t span = std::uint64_t{1} << 40;
constexpr std::uint64_t guard = 512;  // never handed out between two allocations, so that small overruns meet nothing

/// Devices of one process do not share addresses, as under unified addressing.
std::uint64_t next_base() {
  static std::atomic<std::uint64_t> count{0};
  return (count.fetch_add(1) % 60 + 1) * span;
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace

const char* name_of(MemoryStatus status) {
  switch (status) {
    case MemoryStatus::ok:
      return "ok";
    case MemoryStatus::out_of_memory:
      return "out of memory";
    case MemoryStatus::out_of_addresses:
      return "out of addresses";
    case MemoryStatus::invalid_address:
      return "invalid address";
    case MemoryStatus::use_after_free:
      return "use after free";
  }
  return "unknown";
}

const MemoryRange* MemorySnapshot::find(std::uint64_t address) const {
  auto after = std::upper_bound(ranges.begin(), ranges.end(), address,
                                [](std::uint64_t a, const MemoryRange& range) { return a < range.begin; });
  if (after == ranges.begin()) return nullptr;
  --after;
  return address < after->end ? &*after : nullptr;
}

bool MemorySnapshot::was_freed(std::uint64_t address) const {
  return std::any_of(freed.begin(), freed.end(),
                     [&](const auto& range) { return address >= range.first && address < range.second; });
}

const ClosedRange* MemorySnapshot::find_closed(std::uint64_t address) const {
  const auto found = std::find_if(closed.begin(), closed.end(), [&](const ClosedRange& range) {
    return address >= range.begin && address < range.end;
  });
  return found == closed.end() ? nullptr : &*found;
}

AddressSpace::AddressSpace(std::uint64_t capacity)
    : capacity_(capacity), budget_(std::make_shared<MemoryBudget>(capacity)), next_(next_base() + guard) {}

AddressSpace::~AddressSpace() = default;

std::uint64_t AddressSpace::used() const {
  return budget_->used.load();
}

bool AddressSpace::is_free(std::uint64_t address, std::uint64_t bytes) const {
  const auto overlaps = [&](std::uint64_t begin, std::uint64_t length) {
    return begin < address + bytes && address < begin + length;
  };
  auto mapping = mappings_.lower_bound(address);
  if (mapping != mappings_.end() && overlaps(mapping->first, mapping->second.bytes)) return false;
  if (mapping != mappings_.begin() && (--mapping, overlaps(mapping->first, mapping->second.bytes))) return false;
  auto reservation = reservations_.lower_bound(address);
  if (reservation != reservations_.end() && overlaps(reservation->first, reservation->second)) return false;
  if (reservation != reservations_.begin() && (--reservation, overlaps(reservation->first, reservation->second)))
    return false;
  return true;
}

std::uint64_t AddressSpace::find_room(std::uint64_t bytes, std::uint64_t alignment) const {
  const std::uint64_t base = (next_ - 1) / span * span;
  std::uint64_t address = round_up(next_, alignment);
  if (address + bytes + guard <= base + span) return address;
  // The addresses were all used once: take the first gap.
  for (address = round_up(base + guard, alignment); address + bytes + guard <= base + span;) {
    if (is_free(address - guard, bytes + 2 * guard)) return address;
    std::uint64_t past = address + alignment;
    auto mapping = mappings_.upper_bound(address);
    if (mapping != mappings_.begin()) {
      --mapping;
      past = std::max(past, mapping->first + mapping->second.bytes + guard);
    }
    auto reservation = reservations_.upper_bound(address);
    if (reservation != reservations_.begin()) {
      --reservation;
      past = std::max(past, reservation->first + reservation->second + guard);
    }
    address = round_up(past, alignment);
  }
  return 0;
}

void AddressSpace::forget_freed(std::uint64_t begin, std::uint64_t end) {
  for (auto it = freed_.begin(); it != freed_.end();)
    it = it->first < end && begin < it->second ? freed_.erase(it) : std::next(it);
}

MemoryStatus AddressSpace::allocate(std::uint64_t bytes, std::uint64_t& address, std::uint64_t alignment,
                                    bool is_constant) {
  std::lock_guard lock(mutex_);
  if (bytes == 0 || bytes > capacity_) return MemoryStatus::out_of_memory;
  const std::uint64_t place = find_room(bytes, std::max<std::uint64_t>(alignment, 256));
  if (place == 0) return MemoryStatus::out_of_addresses;
  auto memory = PhysicalMemory::create(budget_, bytes);
  if (!memory) return MemoryStatus::out_of_memory;
  std::byte* host = memory->host();
  mappings_[place] = {bytes, std::move(memory), 0, host, true, is_constant};
  next_ = std::max(next_, round_up(place + bytes, 512) + guard);
  forget_freed(place, place + bytes);
  changed();
  address = place;
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::free(std::uint64_t address) {
  std::lock_guard lock(mutex_);
  auto mapping = mappings_.find(address);
  if (mapping == mappings_.end() || !mapping->second.is_allocation)
    return freed_.contains(address) ? MemoryStatus::use_after_free : MemoryStatus::invalid_address;
  freed_[address] = address + mapping->second.bytes;
  mappings_.erase(mapping);
  changed();
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::find(std::uint64_t address, std::uint64_t& begin, std::uint64_t& bytes) const {
  std::lock_guard lock(mutex_);
  auto mapping = mappings_.upper_bound(address);
  if (mapping != mappings_.begin() && (--mapping, address < mapping->first + mapping->second.bytes)) {
    begin = mapping->first;
    bytes = mapping->second.bytes;
    return MemoryStatus::ok;
  }
  auto reservation = reservations_.upper_bound(address);
  if (reservation != reservations_.begin() && (--reservation, address < reservation->first + reservation->second)) {
    begin = reservation->first;
    bytes = reservation->second;
    return MemoryStatus::ok;
  }
  return MemoryStatus::invalid_address;
}

MemoryStatus AddressSpace::reserve(std::uint64_t bytes, std::uint64_t alignment, std::uint64_t fixed,
                                   std::uint64_t& address) {
  std::lock_guard lock(mutex_);
  if (bytes == 0 || bytes >= span) return MemoryStatus::out_of_addresses;
  std::uint64_t place = fixed;
  if (fixed == 0 || !is_free(fixed, bytes)) place = find_room(bytes, std::max<std::uint64_t>(alignment, 4096));
  if (place == 0) return MemoryStatus::out_of_addresses;
  reservations_[place] = bytes;
  const std::uint64_t base = (next_ - 1) / span * span;
  if (place + bytes <= base + span) next_ = std::max(next_, round_up(place + bytes, 512) + guard);
  forget_freed(place, place + bytes);
  changed();
  address = place;
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::release(std::uint64_t address, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  auto reservation = reservations_.find(address);
  if (reservation == reservations_.end() || reservation->second != bytes) return MemoryStatus::invalid_address;
  auto mapping = mappings_.lower_bound(address);
  if (mapping != mappings_.end() && mapping->first < address + bytes) return MemoryStatus::invalid_address;
  reservations_.erase(reservation);
  freed_[address] = address + bytes;
  changed();
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::allocate_reserved(std::uint64_t address) {
  std::lock_guard lock(mutex_);
  const auto reservation = reservations_.find(address);
  if (reservation == reservations_.end()) return MemoryStatus::invalid_address;
  const std::uint64_t bytes = reservation->second;
  const auto mapping = mappings_.lower_bound(address);
  if (mapping != mappings_.end() && mapping->first < address + bytes) return MemoryStatus::invalid_address;
  auto memory = PhysicalMemory::create(budget_, bytes);
  if (!memory) return MemoryStatus::out_of_memory;
  std::byte* host = memory->host();
  mappings_[address] = {bytes, std::move(memory), 0, host, true, false};
  forget_freed(address, address + bytes);
  changed();
  return MemoryStatus::ok;
}

std::shared_ptr<PhysicalMemory> AddressSpace::create_physical(std::uint64_t bytes) {
  return PhysicalMemory::create(budget_, bytes);
}

MemoryStatus AddressSpace::map(std::uint64_t address, std::uint64_t bytes, std::shared_ptr<PhysicalMemory> memory,
                               std::uint64_t offset) {
  std::lock_guard lock(mutex_);
  auto reservation = reservations_.upper_bound(address);
  if (reservation == reservations_.begin()) return MemoryStatus::invalid_address;
  --reservation;
  if (bytes == 0 || address + bytes > reservation->first + reservation->second) return MemoryStatus::invalid_address;
  if (!memory || offset + bytes > memory->bytes()) return MemoryStatus::invalid_address;
  auto mapping = mappings_.lower_bound(address);
  if (mapping != mappings_.end() && mapping->first < address + bytes) return MemoryStatus::invalid_address;
  if (mapping != mappings_.begin() && (--mapping, mapping->first + mapping->second.bytes > address))
    return MemoryStatus::invalid_address;
  std::byte* host = memory->host() + offset;
  mappings_[address] = {bytes, std::move(memory), offset, host, false, false};
  forget_freed(address, address + bytes);
  changed();
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::unmap(std::uint64_t address, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  std::uint64_t at = address;
  for (auto it = mappings_.lower_bound(address); at < address + bytes; ++it) {
    if (it == mappings_.end() || it->first != at || it->second.is_allocation || at + it->second.bytes > address + bytes)
      return MemoryStatus::invalid_address;
    at += it->second.bytes;
  }
  mappings_.erase(mappings_.lower_bound(address), mappings_.lower_bound(address + bytes));
  freed_[address] = address + bytes;
  changed();
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::map_host(void* memory, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  const auto address = reinterpret_cast<std::uint64_t>(memory);
  if (bytes == 0 || !is_free(address, bytes)) return MemoryStatus::invalid_address;
  mappings_[address] = {bytes, nullptr, 0, static_cast<std::byte*>(memory), false, false};
  forget_freed(address, address + bytes);
  changed();
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::unmap_host(void* memory) {
  std::lock_guard lock(mutex_);
  auto mapping = mappings_.find(reinterpret_cast<std::uint64_t>(memory));
  if (mapping == mappings_.end() || mapping->second.memory) return MemoryStatus::invalid_address;
  freed_[mapping->first] = mapping->first + mapping->second.bytes;
  mappings_.erase(mapping);
  changed();
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::pieces(std::uint64_t address, std::uint64_t bytes, std::vector<Piece>& out) const {
  if (bytes == 0) return MemoryStatus::ok;
  auto it = mappings_.upper_bound(address);
  const auto failure = [&] {
    const auto freed = std::any_of(freed_.begin(), freed_.end(),
                                   [&](const auto& range) { return address >= range.first && address < range.second; });
    return freed ? MemoryStatus::use_after_free : MemoryStatus::invalid_address;
  };
  if (it == mappings_.begin()) return failure();
  for (--it; bytes > 0; ++it) {
    if (it == mappings_.end() || address < it->first || address >= it->first + it->second.bytes) return failure();
    const std::uint64_t inside = address - it->first;
    const std::uint64_t count = std::min(bytes, it->second.bytes - inside);
    InitializedMap* initialized = it->second.memory ? &it->second.memory->initialized() : nullptr;
    out.push_back({it->second.host + inside, count, initialized, it->second.offset + inside});
    address += count;
    bytes -= count;
  }
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::write(std::uint64_t address, const void* source, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  std::vector<Piece> parts;
  if (const MemoryStatus status = pieces(address, bytes, parts); status != MemoryStatus::ok) return status;
  auto from = static_cast<const std::byte*>(source);
  for (const Piece& part : parts) {
    std::memcpy(part.host, from, part.bytes);
    if (part.initialized) part.initialized->mark(part.initialized_offset, part.bytes);
    from += part.bytes;
  }
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::read(std::uint64_t address, void* destination, std::uint64_t bytes) const {
  std::lock_guard lock(mutex_);
  std::vector<Piece> parts;
  if (const MemoryStatus status = pieces(address, bytes, parts); status != MemoryStatus::ok) return status;
  auto to = static_cast<std::byte*>(destination);
  for (const Piece& part : parts) {
    std::memcpy(to, part.host, part.bytes);
    to += part.bytes;
  }
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::fill(std::uint64_t address, std::uint32_t value, std::uint32_t width, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  std::vector<Piece> parts;
  if (const MemoryStatus status = pieces(address, bytes, parts); status != MemoryStatus::ok) return status;
  std::uint64_t done = 0;
  for (const Piece& part : parts) {
    if (width == 1) {
      std::memset(part.host, static_cast<int>(value & 255), part.bytes);
    } else {
      for (std::uint64_t i = 0; i < part.bytes; ++i)
        part.host[i] = static_cast<std::byte>(value >> (8 * ((done + i) % width)));
    }
    if (part.initialized) part.initialized->mark(part.initialized_offset, part.bytes);
    done += part.bytes;
  }
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::copy(std::uint64_t destination, const AddressSpace& from, std::uint64_t source,
                                std::uint64_t bytes) {
  std::unique_lock<std::mutex> mine(mutex_, std::defer_lock), theirs(from.mutex_, std::defer_lock);
  if (&from == this) {
    mine.lock();
  } else {
    std::lock(mine, theirs);
  }
  std::vector<Piece> to_parts, from_parts;
  if (const MemoryStatus status = pieces(destination, bytes, to_parts); status != MemoryStatus::ok) return status;
  if (const MemoryStatus status = from.pieces(source, bytes, from_parts); status != MemoryStatus::ok) return status;
  std::size_t t = 0, f = 0;
  std::uint64_t t_done = 0, f_done = 0;
  while (t < to_parts.size() && f < from_parts.size()) {
    const Piece& to = to_parts[t];
    const Piece& part = from_parts[f];
    const std::uint64_t count = std::min(to.bytes - t_done, part.bytes - f_done);
    std::memmove(to.host + t_done, part.host + f_done, count);
    if (to.initialized && part.initialized)
      to.initialized->copy(to.initialized_offset + t_done, *part.initialized, part.initialized_offset + f_done, count);
    else if (to.initialized)
      to.initialized->mark(to.initialized_offset + t_done, count);
    if ((t_done += count) == to.bytes) ++t, t_done = 0;
    if ((f_done += count) == part.bytes) ++f, f_done = 0;
  }
  return MemoryStatus::ok;
}

MemoryStatus AddressSpace::check(std::uint64_t address, std::uint64_t bytes) const {
  std::lock_guard lock(mutex_);
  std::vector<Piece> parts;
  return pieces(address, bytes, parts);
}

std::uint64_t AddressSpace::uninitialized(std::uint64_t address, std::uint64_t bytes) const {
  std::lock_guard lock(mutex_);
  std::vector<Piece> parts;
  if (pieces(address, bytes, parts) != MemoryStatus::ok) return 0;
  std::uint64_t count = 0;
  for (const Piece& part : parts)
    if (part.initialized) count += part.initialized->missing(part.initialized_offset, part.bytes);
  return count;
}

std::shared_ptr<const MemorySnapshot> AddressSpace::snapshot() const {
  std::lock_guard lock(mutex_);
  if (snapshot_) return snapshot_;
  auto result = std::make_shared<MemorySnapshot>();
  for (const auto& [address, mapping] : mappings_) {
    InitializedMap* initialized = mapping.memory ? &mapping.memory->initialized() : nullptr;
    result->ranges.push_back(
        {address, address + mapping.bytes, mapping.host, initialized, mapping.offset, mapping.is_constant});
    if (mapping.memory) result->owners.push_back(mapping.memory);
  }
  result->freed.assign(freed_.begin(), freed_.end());
  return snapshot_ = result;
}

}  // namespace halyard::simulator
