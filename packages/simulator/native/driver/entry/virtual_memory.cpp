// Addresses and physical memory, apart from each other.
#include "../call.h"
#include "../peer_memory.h"

using namespace halyard::simulator;

namespace {

constexpr std::uint64_t granularity = std::uint64_t{2} << 20;

void require_properties(Driver& driver, const CUmemAllocationProp* properties) {
  require(properties && properties->type == CU_MEM_ALLOCATION_TYPE_PINNED);
  require(properties->location.type == CU_MEM_LOCATION_TYPE_DEVICE);
  require(properties->requestedHandleTypes == CU_MEM_HANDLE_TYPE_NONE, CUDA_ERROR_NOT_SUPPORTED);
  driver.device(properties->location.id);
}

PhysicalHandle& physical_of(Driver& driver, CUmemGenericAllocationHandle handle) {
  const auto found = driver.physical.find(handle);
  require(found != driver.physical.end());
  return found->second;
}

Device& device_of_reservation(Driver& driver, std::uint64_t address, std::uint64_t bytes) {
  auto after = driver.reservations.upper_bound(address);
  require(after != driver.reservations.begin());
  --after;
  require(address + bytes <= after->first + after->second.second);
  return driver.device(after->second.first);
}

/// A device is let into its own memory for reading and writing, or not at all, as is a peer.
void require_access(Driver& driver, const Device& owner, const CUmemAccessDesc& access) {
  require(access.location.type == CU_MEM_LOCATION_TYPE_DEVICE, CUDA_ERROR_NOT_SUPPORTED);
  const int viewer = driver.device(access.location.id).ordinal;
  require(viewer == owner.ordinal || can_be_peers(driver, viewer, owner.ordinal), CUDA_ERROR_INVALID_DEVICE);
  require(access.flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE || access.flags == CU_MEM_ACCESS_FLAGS_PROT_NONE,
          CUDA_ERROR_NOT_SUPPORTED);
}

/// Until its own device is let in there are addresses that nobody may use.
void set_access(Device& owner, std::uint64_t address, VirtualMapping& mapping, const CUmemAccessDesc& access) {
  const bool is_open = access.flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
  const bool was_open = mapping.access.contains(access.location.id);
  if (is_open == was_open) return;
  if (access.location.id == owner.ordinal && is_open)
    require(owner.memory->map(address, mapping.bytes, mapping.memory, mapping.offset) == MemoryStatus::ok);
  if (access.location.id == owner.ordinal && !is_open) owner.memory->unmap(address, mapping.bytes);
  if (is_open)
    mapping.access.insert(access.location.id);
  else
    mapping.access.erase(access.location.id);
}

/// The mappings that fill a range exactly.
template <typename Visit>
void each_mapping(Driver& driver, std::uint64_t address, std::uint64_t bytes, Visit visit) {
  std::uint64_t at = address;
  for (auto mapping = driver.mappings.find(address); at < address + bytes; ++mapping) {
    require(mapping != driver.mappings.end() && mapping->first == at && at + mapping->second.bytes <= address + bytes);
    at += mapping->second.bytes;
  }
  for (auto mapping = driver.mappings.find(address); mapping != driver.mappings.end() && mapping->first < at;)
    mapping = visit(mapping);
}

}  // namespace

CUresult cuMemGetAllocationGranularity(std::size_t* bytes, const CUmemAllocationProp* properties,
                                       CUmemAllocationGranularity_flags) {
  return enter("cuMemGetAllocationGranularity", Needs::initialization, [&](Call& call) {
    require(bytes != nullptr);
    require_properties(call.driver, properties);
    *bytes = granularity;
  });
}

CUresult cuMemAddressReserve(CUdeviceptr* address, std::size_t bytes, std::size_t alignment, CUdeviceptr wanted,
                             unsigned long long flags) {
  return enter("cuMemAddressReserve", [&](Call& call) {
    require(address && bytes > 0 && bytes % granularity == 0 && flags == 0);
    require((alignment & (alignment - 1)) == 0);
    std::uint64_t found = 0;
    AddressSpace& memory = *call.device().memory;
    const std::uint64_t at_least = std::max<std::uint64_t>(alignment, granularity);
    // The address is a wish: another is given where it is taken.
    MemoryStatus status = MemoryStatus::out_of_addresses;
    if (wanted != 0 && wanted % at_least == 0) status = memory.reserve(bytes, at_least, wanted, found);
    if (status != MemoryStatus::ok) status = memory.reserve(bytes, at_least, 0, found);
    require(status == MemoryStatus::ok, CUDA_ERROR_OUT_OF_MEMORY);
    call.driver.reservations[found] = {call.device().ordinal, bytes};
    *address = found;
  });
}

CUresult cuMemAddressFree(CUdeviceptr address, std::size_t bytes) {
  return enter("cuMemAddressFree", Needs::initialization, [&](Call& call) {
    const auto found = call.driver.reservations.find(address);
    require(found != call.driver.reservations.end() && found->second.second == bytes);
    const auto mapping = call.driver.mappings.lower_bound(address);
    require(mapping == call.driver.mappings.end() || mapping->first >= address + bytes);
    require(call.driver.device(found->second.first).memory->release(address, bytes) == MemoryStatus::ok);
    call.driver.reservations.erase(found);
  });
}

CUresult cuMemCreate(CUmemGenericAllocationHandle* handle, std::size_t bytes, const CUmemAllocationProp* properties,
                     unsigned long long flags) {
  return enter("cuMemCreate", Needs::initialization, [&](Call& call) {
    require(handle && bytes > 0 && bytes % granularity == 0 && flags == 0);
    require_properties(call.driver, properties);
    require(!call.driver.faults.allocation(), CUDA_ERROR_OUT_OF_MEMORY);
    Device& device = call.driver.device(properties->location.id);
    require(device.lost == CUDA_SUCCESS, device.lost);
    auto memory = device.memory->create_physical(bytes);
    require(memory != nullptr, CUDA_ERROR_OUT_OF_MEMORY);
    call.driver.note_memory(device);
    *handle = call.driver.next_id++;
    call.driver.physical[*handle] = {std::move(memory), *properties, 1};
  });
}

CUresult cuMemRelease(CUmemGenericAllocationHandle handle) {
  return enter("cuMemRelease", Needs::initialization, [&](Call& call) {
    // What is mapped keeps the memory.
    if (--physical_of(call.driver, handle).references == 0) call.driver.physical.erase(handle);
  });
}

CUresult cuMemMap(CUdeviceptr address, std::size_t bytes, std::size_t offset, CUmemGenericAllocationHandle handle,
                  unsigned long long flags) {
  return enter("cuMemMap", Needs::initialization, [&](Call& call) {
    const PhysicalHandle& physical = physical_of(call.driver, handle);
    require(flags == 0 && bytes > 0 && bytes % granularity == 0 && address % granularity == 0);
    require(offset % granularity == 0 && offset + bytes <= physical.memory->bytes());
    Device& device = device_of_reservation(call.driver, address, bytes);
    require(device.ordinal == physical.properties.location.id, CUDA_ERROR_NOT_SUPPORTED);
    const auto after = call.driver.mappings.lower_bound(address);
    require(after == call.driver.mappings.end() || after->first >= address + bytes, CUDA_ERROR_ALREADY_MAPPED);
    if (after != call.driver.mappings.begin()) {
      const auto before = std::prev(after);
      require(before->first + before->second.bytes <= address, CUDA_ERROR_ALREADY_MAPPED);
    }
    call.driver.mappings[address] = {bytes, offset, handle, physical.memory, {}};
  });
}

CUresult cuMemSetAccess(CUdeviceptr address, std::size_t bytes, const CUmemAccessDesc* access, std::size_t count) {
  return enter("cuMemSetAccess", Needs::initialization, [&](Call& call) {
    require(access && count > 0);
    Device& device = device_of_reservation(call.driver, address, bytes);
    for (std::size_t i = 0; i < count; ++i) require_access(call.driver, device, access[i]);
    each_mapping(call.driver, address, bytes, [&](auto mapping) {
      for (std::size_t i = 0; i < count; ++i) set_access(device, mapping->first, mapping->second, access[i]);
      return std::next(mapping);
    });
  });
}

CUresult cuMemUnmap(CUdeviceptr address, std::size_t bytes) {
  return enter("cuMemUnmap", Needs::initialization, [&](Call& call) {
    Driver& driver = call.driver;
    Device& device = device_of_reservation(driver, address, bytes);
    // The driver does not wait for work that uses the memory: who unmaps has to.
    const auto what = std::make_shared<const std::string>("cuMemUnmap");
    const std::uint64_t epoch = ++driver.epochs[0];
    for (const OrderViolation& violation :
         driver.order.record({0, epoch, what}, driver.host_clock, {{address, address + bytes, true}}))
      driver.report.find({"unmapped-while-in-use", device.ordinal, "cuMemUnmap", violation.begin,
                          violation.end - violation.begin,
                          "memory is unmapped that " + violation.first + " uses, and nobody has waited for that"});
    each_mapping(driver, address, bytes, [&](auto mapping) {
      if (mapping->second.access.contains(device.ordinal)) device.memory->unmap(mapping->first, mapping->second.bytes);
      return driver.mappings.erase(mapping);
    });
    driver.order.forget(address, address + bytes);
  });
}

CUresult cuMemGetAccess(unsigned long long* flags, const CUmemLocation* location, CUdeviceptr address) {
  return enter("cuMemGetAccess", Needs::initialization, [&](Call& call) {
    require(flags && location);
    auto mapping = call.driver.mappings.upper_bound(address);
    require(mapping != call.driver.mappings.begin());
    --mapping;
    require(address < mapping->first + mapping->second.bytes);
    const bool is_open = location->type == CU_MEM_LOCATION_TYPE_DEVICE && mapping->second.access.contains(location->id);
    *flags = is_open ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE : CU_MEM_ACCESS_FLAGS_PROT_NONE;
  });
}

CUresult cuMemGetAllocationPropertiesFromHandle(CUmemAllocationProp* properties, CUmemGenericAllocationHandle handle) {
  return enter("cuMemGetAllocationPropertiesFromHandle", Needs::initialization, [&](Call& call) {
    require(properties != nullptr);
    *properties = physical_of(call.driver, handle).properties;
  });
}

CUresult cuMemRetainAllocationHandle(CUmemGenericAllocationHandle* handle, void* address) {
  return enter("cuMemRetainAllocationHandle", Needs::initialization, [&](Call& call) {
    require(handle != nullptr);
    const auto wanted = reinterpret_cast<std::uint64_t>(address);
    auto mapping = call.driver.mappings.upper_bound(wanted);
    require(mapping != call.driver.mappings.begin());
    --mapping;
    require(wanted < mapping->first + mapping->second.bytes);
    ++physical_of(call.driver, mapping->second.handle).references;
    *handle = mapping->second.handle;
  });
}
