#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "../execution/launch.h"
#include "../memory/address_space.h"
#include "../ptx/linker.h"
#include "api/declarations.h"
#include "clock.h"
#include "compiler_log.h"
#include "configuration.h"
#include "order_checker.h"
#include "report.h"

namespace halyard::simulator {

struct Context;
struct Device;
struct Driver;
struct Graph;
struct GraphExecutable;
struct GraphNode;
struct Operation;
struct LibraryKernel;
struct ModuleObject;
struct Pool;
struct Stream;

/// What ends a call early, with the result that the caller gets.
struct CallFailed {
  CUresult result;
};

[[noreturn]] inline void fail(CUresult result) { throw CallFailed{result}; }
inline void require(bool condition, CUresult result = CUDA_ERROR_INVALID_VALUE) {
  if (!condition) fail(result);
}

/// The objects behind one kind of handle: a handle is the object's address, and only what is listed here is one.
template <typename Object, typename Handle>
class Registry {
 public:
  Handle add(std::shared_ptr<Object> object) {
    const auto handle = reinterpret_cast<Handle>(object.get());
    objects_[handle] = std::move(object);
    return handle;
  }
  std::shared_ptr<Object> find(Handle handle) const {
    const auto found = objects_.find(handle);
    return found == objects_.end() ? nullptr : found->second;
  }
  std::shared_ptr<Object> get(Handle handle, CUresult otherwise = CUDA_ERROR_INVALID_HANDLE) const {
    auto object = find(handle);
    require(object != nullptr, otherwise);
    return object;
  }
  void remove(Handle handle) { objects_.erase(handle); }
  template <typename Condition>
  void remove_if(Condition condition) {
    std::erase_if(objects_, [&](const auto& entry) { return condition(*entry.second); });
  }
  const auto& all() const { return objects_; }

 private:
  std::unordered_map<Handle, std::shared_ptr<Object>> objects_;
};

/// What a work has to do with when it runs, on the device's own thread and without the driver's lock.
struct Execution {
  Driver& driver;
  Device& device;
  Operation& operation;
  std::vector<AccessedRange> accesses;
};

/// Something a device does: a kernel, a copy, a fill, a call of the host. Shared by the stream's operations and the
/// nodes of graphs; not changed once it was given to either.
class Work {
 public:
  virtual ~Work() = default;
  virtual CUgraphNodeType type() const = 0;
  /// A result that is no success leaves the context unusable.
  virtual CUresult run(Execution& execution) const = 0;
  virtual std::string describe() const = 0;
};

/// A work in the order of a device. Guarded by the driver's lock but for what the worker alone uses.
struct Operation {
  Device* device = nullptr;
  std::shared_ptr<Context> context;
  std::shared_ptr<const Work> work;
  std::string place;                                ///< "stream 3"
  Clock clock;
  std::size_t lane = 0;
  std::uint64_t epoch = 0;
  std::size_t waiting_for = 0;
  std::vector<std::shared_ptr<Operation>> followers;
  bool is_done = false;
  CUresult result = CUDA_SUCCESS;
  std::chrono::steady_clock::time_point finished;
};
using OperationPointer = std::shared_ptr<Operation>;

/// The recording of a graph from what is submitted to streams.
struct Capture {
  std::shared_ptr<Graph> graph;
  Stream* origin = nullptr;
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
  std::thread::id thread;
  std::uint64_t id = 0;
  bool is_invalid = false;
  std::vector<Stream*> streams;
};

struct Stream {
  std::shared_ptr<Context> context;
  unsigned flags = 0;
  int priority = 0;
  std::uint64_t id = 0;
  std::size_t lane = 0;
  bool is_legacy = false;
  OperationPointer last;
  std::shared_ptr<Capture> capture;
  std::vector<CUgraphNode> capture_dependencies;
  bool is_blocking() const { return !is_legacy && !(flags & 1); }
  std::string describe() const { return is_legacy ? "the default stream" : "stream " + std::to_string(id); }
};

struct Event {
  std::shared_ptr<Context> context;
  unsigned flags = 0;
  OperationPointer operation;                       ///< of the last record; null: never recorded
  std::shared_ptr<Capture> capture;                 ///< recorded in one
  std::vector<CUgraphNode> capture_dependencies;
  bool measures_time() const { return !(flags & 2); }
};

/// A kernel in a module on a device.
struct Function {
  std::weak_ptr<ModuleObject> owner;
  std::shared_ptr<Context> context;
  std::shared_ptr<LoadedModule> module;
  const Kernel* kernel = nullptr;
  int maximum_dynamic_shared_bytes = 48 * 1024;
  int carveout = -1;
  bool allows_large_clusters = false;
};

struct ModuleObject {
  std::shared_ptr<Context> context;
  std::shared_ptr<LoadedModule> module;
  std::map<std::string, std::shared_ptr<Function>> functions;
};

/// A module for all contexts: loaded into each when it is first used there.
struct Library {
  std::string image;
  std::shared_ptr<const Module> module;
  std::map<std::string, std::shared_ptr<LibraryKernel>> kernels;
  std::map<const Context*, std::shared_ptr<ModuleObject>> modules;
};

/// What is being linked. The result lives as long as this.
struct LinkState {
  CompilerLog log;
  std::vector<LinkUnit> units;
  std::string image;
};

struct LibraryKernel {
  std::weak_ptr<Library> library;
  std::string name;
};

struct Pool {
  int device = 0;
  std::uint64_t used = 0;
  std::uint64_t used_high = 0;
  std::uint64_t release_threshold = 0;
  std::uint64_t maximum = 0;
  int reuse[3] = {1, 1, 1};
  std::set<int> access;                             ///< other devices that were let in
};

struct Allocation {
  std::shared_ptr<Context> context;
  std::uint64_t bytes = 0;
  std::shared_ptr<Pool> pool;
};

/// An address that a node of a graph takes memory at whenever it is launched, for as long as the process lives.
struct GraphMemory {
  enum class Freed : std::uint8_t { by_nobody_yet, in_its_graph, in_another };
  int device = 0;
  std::uint64_t bytes = 0;
  const Graph* graph = nullptr;                     ///< null: it is no more
  Freed freed = Freed::by_nobody_yet;
};

struct HostAllocation {
  std::shared_ptr<Context> context;
  std::uint64_t bytes = 0;
  unsigned flags = 0;
  bool is_registered = false;                       ///< the caller's own memory
};

struct PhysicalHandle {
  std::shared_ptr<PhysicalMemory> memory;
  CUmemAllocationProp properties{};
  int references = 1;
};

struct VirtualMapping {
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;
  CUmemGenericAllocationHandle handle = 0;
  std::shared_ptr<PhysicalMemory> memory;
  std::set<int> access;                             ///< devices that were let in
};

struct Context {
  Device* device = nullptr;
  unsigned flags = 0;
  std::uint64_t id = 0;
  bool is_primary = false;
  CUresult sticky = CUDA_SUCCESS;
  std::atomic<bool> is_cancelled{false};
  std::shared_ptr<Stream> legacy;
  std::map<std::thread::id, std::shared_ptr<Stream>> per_thread;
  std::vector<OperationPointer> ended;              ///< the last of streams that are no more
  std::map<int, std::size_t> limits;
  std::set<const Context*> peers;                   ///< on other devices, whose memory it was let into
};

struct Device {
  int ordinal = 0;
  DeviceProperties properties;
  std::shared_ptr<AddressSpace> memory;
  std::shared_ptr<Context> primary;
  int primary_references = 0;
  unsigned primary_flags = 0;
  CUresult lost = CUDA_SUCCESS;
  std::shared_ptr<Pool> default_pool;
  std::shared_ptr<Pool> current_pool;
  std::shared_ptr<Pool> graph_pool;                 ///< what nodes of graphs take; has no handle
  std::deque<OperationPointer> ready;
  std::condition_variable wake;
  bool has_worker = false;
  std::uint64_t peak_bytes = 0;

  std::string uuid() const;
};

/// Everything there is, once per process and never taken down: threads and callers may outlive whatever ends it.
struct Driver {
  static Driver& get();

  std::mutex mutex;
  std::condition_variable changed;                  ///< an operation is done, or a context was given up
  bool is_configured = false;
  std::string configuration_error;
  bool is_initialized = false;
  Configuration configuration;
  Faults faults;
  std::string fault_text;                           ///< what the file of faults said last
  Report report;
  OrderChecker order;
  std::vector<std::unique_ptr<Device>> devices;
  Clock host_clock;
  std::vector<std::uint64_t> epochs;                ///< per lane
  std::vector<std::size_t> free_lanes;
  std::uint64_t next_id = 1;

  Registry<Context, CUcontext> contexts;
  Registry<Stream, CUstream> streams;
  Registry<Event, CUevent> events;
  Registry<ModuleObject, CUmodule> modules;
  Registry<Function, CUfunction> functions;
  Registry<Library, CUlibrary> libraries;
  Registry<LibraryKernel, CUkernel> kernels;
  Registry<LinkState, CUlinkState> links;
  Registry<Pool, CUmemoryPool> pools;
  Registry<Graph, CUgraph> graphs;
  Registry<GraphNode, CUgraphNode> nodes;
  Registry<GraphExecutable, CUgraphExec> executables;
  std::map<std::uint64_t, Allocation> allocations;
  std::map<std::uint64_t, GraphMemory> graph_memory;
  std::map<std::uint64_t, HostAllocation> host_memory;
  std::map<CUmemGenericAllocationHandle, PhysicalHandle> physical;
  std::map<std::uint64_t, VirtualMapping> mappings;
  std::map<std::uint64_t, std::pair<int, std::uint64_t>> reservations;  ///< device and bytes
  std::vector<std::shared_ptr<Capture>> captures;

  void configure();
  /// Takes over what the file of faults says, if that has changed.
  void look_at_faults();
  Device& device(CUdevice ordinal);
  std::size_t take_lane();
  /// The pinned allocation around an address, or null.
  const std::pair<const std::uint64_t, HostAllocation>* find_host(std::uint64_t address) const;
  /// Whether these bytes may be there when a graph is launched, though they need not be there now.
  bool is_graph_memory(std::uint64_t address, std::uint64_t bytes) const;
  /// The device whose memory an address belongs to, or null.
  Device* find_device(std::uint64_t address);
  void note_memory(Device& device);
};

}  // namespace halyard::simulator
