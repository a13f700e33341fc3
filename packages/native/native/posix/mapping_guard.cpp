#include "mapping_guard.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <mutex>

namespace halyard {
namespace {

constexpr int place_count = 4096;

/// Read by the signal handler without locks: `start` is written last when taken and first when given back.
struct Place {
  std::atomic<std::uintptr_t> start{0};
  std::atomic<std::size_t> length{0};
  std::atomic<std::atomic<bool>*> damaged{nullptr};
};

Place places[place_count];
std::atomic<std::size_t> page_bytes{4096};
std::mutex places_mutex;
struct sigaction previous;

void pass_on(int signal, siginfo_t* information, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction != nullptr) {
    previous.sa_sigaction(signal, information, context);
  } else if (previous.sa_handler != SIG_IGN && previous.sa_handler != SIG_DFL) {
    previous.sa_handler(signal);
  } else {
    // The instruction is run again and meets the default action.
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(signal, &standard, nullptr);
  }
}

void on_bus_error(int signal, siginfo_t* information, void* context) {
  const auto fault = reinterpret_cast<std::uintptr_t>(information->si_addr);
  for (Place& place : places) {
    const std::uintptr_t start = place.start.load(std::memory_order_acquire);
    if (start == 0 || fault < start || fault >= start + place.length.load(std::memory_order_relaxed)) continue;
    const std::uintptr_t page = fault & ~(page_bytes.load(std::memory_order_relaxed) - 1);
    const std::size_t rest = start + place.length.load(std::memory_order_relaxed) - page;
    void* zeros = mmap(reinterpret_cast<void*>(page), rest, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) break;
    if (std::atomic<bool>* damaged = place.damaged.load(std::memory_order_relaxed))
      damaged->store(true, std::memory_order_release);
    return;
  }
  pass_on(signal, information, context);
}

void install() {
  page_bytes.store(static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
  // The handler must outlive the last environment that has this addon loaded.
  Dl_info information;
  if (dladdr(reinterpret_cast<void*>(&on_bus_error), &information) != 0 && information.dli_fname != nullptr)
    dlopen(information.dli_fname, RTLD_LAZY | RTLD_NODELETE | RTLD_NOLOAD);
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &previous);
}

}  // namespace

int guard_mapping(void* start, std::size_t length, std::atomic<bool>* damaged) {
  static std::once_flag installed;
  std::call_once(installed, install);
  std::lock_guard lock(places_mutex);
  for (int index = 0; index < place_count; index++) {
    Place& place = places[index];
    if (place.start.load(std::memory_order_relaxed) != 0) continue;
    place.length.store(length, std::memory_order_relaxed);
    place.damaged.store(damaged, std::memory_order_relaxed);
    place.start.store(reinterpret_cast<std::uintptr_t>(start), std::memory_order_release);
    return index;
  }
  return -1;
}

void unguard_mapping(int place) {
  if (place < 0) return;
  std::lock_guard lock(places_mutex);
  places[place].start.store(0, std::memory_order_release);
}

}  // namespace halyard
