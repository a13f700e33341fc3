#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/error.h"
#include "halyard/program.h"
#include "halyard/region.h"

/// What an addon implements; queues, tokens, poisoned memory and the Node-API side are the same for all of them.
namespace halyard {

/// Constants wanted in a layout of the device's own; the contract's Packed.
struct Packed {
  std::vector<std::int32_t> constants;
  std::string layout;
  std::int64_t bytes = 0;
};

/// Which kernel does a step, and why; the contract's KernelChoice.
struct KernelChoice {
  std::int32_t step = 0;
  std::string kernel;
  Attributes configuration;
  std::string reason;
};

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
};

/// The addresses of a run, as they were when it was submitted; immutable. A backend may hang what it derives from them
/// (a captured graph) on `derived`.
struct BindingTable {
  std::shared_ptr<const Executable> executable;
  /// One for each binding of the program; without region where a constant occurs only in `packed`.
  std::vector<Span> spans;
  std::vector<Span> packed;
  Span workspace;
  mutable std::shared_ptr<void> derived;
};

/// Something that is under way on the device.
class Completion {
 public:
  virtual ~Completion() = default;
  /// Blocks until it is over.
  virtual Failure wait() = 0;
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
  virtual std::unique_ptr<Completion> record() { return nullptr; }
};

enum class Tier : std::uint8_t { device, pinned };
enum class QueueKind : std::uint8_t { compute, copy };

/// An adapter that is open. Safe to call from several threads.
class Backend {
 public:
  virtual ~Backend() = default;
  /// Null: there is no more.
  virtual std::shared_ptr<Region> reserve(std::int64_t bytes, Tier tier) = 0;
  /// Null: steps cannot read mapped pages here. Fails for a file that is not there or shorter.
  virtual Result<std::shared_ptr<Region>> map(const std::string& path, std::int64_t offset, std::int64_t bytes) = 0;
  virtual Result<std::shared_ptr<Executable>> compile(Program program) = 0;
  virtual std::unique_ptr<Stream> stream(QueueKind kind) = 0;
  /// Set once the device is lost.
  virtual Failure lost() const { return std::nullopt; }
};

}  // namespace halyard
