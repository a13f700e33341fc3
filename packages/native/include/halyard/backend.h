#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/completion.h"
#include "halyard/error.h"
#include "halyard/kernels.h"
#include "halyard/program.h"
#include "halyard/region.h"

/// What an addon implements; queues, tokens, poisoned memory and the Node-API side are the same for all of them.
namespace halyard {

/// Which kernel does a step, and why; the contract's KernelChoice.
struct KernelChoice {
  std::int32_t step = 0;
  std::string kernel;
  Attributes configuration;
  std::string reason;
};

struct BindingTable;

/// A program compiled for one device; immutable.
class Executable {
 public:
  virtual ~Executable() = default;
  virtual const Program& program() const = 0;
  virtual std::int64_t workspace_bytes() const = 0;
  /// Where `workspace_bytes` begin: the program's own, rounded up to the device's alignment.
  virtual std::int64_t scratch_offset() const = 0;
  /// Whether a step reads or writes this binding as it is, rather than a packed form of it.
  virtual bool reads_binding(std::int32_t binding) const = 0;
  virtual const std::vector<Packed>& packed() const = 0;
  virtual std::vector<KernelChoice> explain() const = 0;
  /// What a backend keeps for one bound program through all of its tables (a captured graph), or null. Made by `bind`
  /// on the JavaScript thread: no work yet.
  virtual std::shared_ptr<void> make_bound_state() const { return nullptr; }
};

/// The addresses of a run, as they were when it was submitted; immutable.
struct BindingTable {
  std::shared_ptr<const Executable> executable;
  /// One for each binding of the program; without region where a constant occurs only in `packed`.
  std::vector<Span> spans;
  std::vector<Span> packed;
  Span workspace;
  /// Of one bound program: raised whenever something is bound anew.
  std::uint64_t revision = 0;
  /// The executable's `make_bound_state`. Runs of one bound follow each other, but may come from several queues.
  std::shared_ptr<void> bound_state;
};

/// Where the commands of one queue go, in order; called from the queue's thread alone. Either each call returns when the
/// work is done, or `record` gives something to wait for.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual Failure run(const BindingTable& table) = 0;
  virtual Failure copy(const Span& from, const Span& to) = 0;
  virtual Failure fill(const Span& to, std::uint8_t byte) = 0;
  virtual Failure write(std::span<const std::byte> from, const Span& to) = 0;
  virtual Failure read(const Span& from, std::span<std::byte> to) = 0;
  virtual Failure pack(std::span<const std::span<const std::byte>> sources, std::string_view layout,
                       const Span& to) = 0;
  /// A point behind all that was submitted so far; null if all of it is done.
  virtual std::shared_ptr<Completion> record() { return nullptr; }
  /// Has the device hold back what is submitted from now on until work of another stream (or of this one) is over, so
  /// that the queue's thread can go on; false where the host has to wait. Called for completions of this backend alone.
  virtual bool wait_for(Completion&) { return false; }
};

enum class Tier : std::uint8_t { device, pinned };
enum class QueueKind : std::uint8_t { compute, copy };

/// An adapter that is open. Safe to call from several threads; `reserve`, `map` and `compile` are never called on the
/// JavaScript thread.
class Backend {
 public:
  virtual ~Backend() = default;
  /// Null: there is no more.
  virtual std::shared_ptr<Region> reserve(std::int64_t bytes, Tier tier) = 0;
  /// Null: steps cannot read mapped pages here. Fails for a file that is not there or shorter.
  virtual Result<std::shared_ptr<Region>> map(const std::string& path, std::int64_t offset, std::int64_t bytes) = 0;
  /// `kernels`: what the addon's TypeScript side generated for the program; empty where there is no generator.
  virtual Result<std::shared_ptr<Executable>> compile(Program program, GeneratedKernels kernels) = 0;
  virtual std::unique_ptr<Stream> stream(QueueKind kind) = 0;
  /// Set once the device is lost.
  virtual Failure lost() const { return std::nullopt; }
};

}  // namespace halyard
