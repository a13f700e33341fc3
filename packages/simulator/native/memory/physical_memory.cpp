#include "physical_memory.h"

#include "host_pages.h"

namespace halyard::simulator {

bool MemoryBudget::take(std::uint64_t bytes) {
  std::uint64_t before = used.load();
  do {
    if (bytes > capacity || before > capacity - bytes) return false;
  } while (!used.compare_exchange_weak(before, before + bytes));
  return true;
}

PhysicalMemory::PhysicalMemory(std::shared_ptr<MemoryBudget> budget, std::uint64_t bytes, std::uint64_t charged,
                               std::byte* host)
    : budget_(std::move(budget)), bytes_(bytes), charged_(charged), host_(host), initialized_(bytes) {}

PhysicalMemory::~PhysicalMemory() {
  give_host_pages(host_, bytes_);
  budget_->give(charged_);
}

std::shared_ptr<PhysicalMemory> PhysicalMemory::create(std::shared_ptr<MemoryBudget> budget, std::uint64_t bytes) {
  const std::uint64_t charged = (bytes + 511) / 512 * 512;
  if (bytes == 0 || charged < bytes || !budget->take(charged)) return nullptr;
  void* host = take_host_pages(bytes);
  if (host == nullptr) {
    budget->give(charged);
    return nullptr;
  }
  return std::shared_ptr<PhysicalMemory>(
      new PhysicalMemory(std::move(budget), bytes, charged, static_cast<std::byte*>(host)));
}

}  // namespace halyard::simulator
