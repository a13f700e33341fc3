#include "cpu_backend.h"

#include <cstring>

#include "../memory/host_memory.h"
#include "../packing/layouts.h"
#include "executable.h"

namespace halyard::cpu {
namespace {

/// From here on a copy is worth waking the pool.
constexpr std::size_t shared_copy_bytes = 256 << 10;

/// Does each command before it returns, on the queue's thread and, for runs, on the pool.
class CpuStream : public Stream {
 public:
  explicit CpuStream(ThreadPool& pool) : pool_(pool) {}

  Failure run(const BindingTable& table) override {
    static_cast<const CpuExecutable&>(*table.executable).run(pool_, table);
    return std::nullopt;
  }
  Failure copy(const Span& from, const Span& to) override {
    std::memmove(to.data(), from.data(), static_cast<std::size_t>(from.bytes));
    return std::nullopt;
  }
  Failure fill(const Span& to, std::uint8_t byte) override {
    std::memset(to.data(), byte, static_cast<std::size_t>(to.bytes));
    return std::nullopt;
  }
  Failure write(std::span<const std::byte> from, const Span& to) override {
    if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
    return std::nullopt;
  }
  Failure read(const Span& from, std::span<std::byte> to) override {
    bring(from.data(), to);
    return std::nullopt;
  }
  Failure pack(std::span<const std::span<const std::byte>> sources, std::string_view layout, const Span& to) override {
    const Layout* known = find_layout(layout);
    if (known == nullptr)
      return Error{"bad-argument", "layout " + std::string(layout), "one that a program's packed names",
                   "Pack with the layout as the executable gives it."};
    return known->pack(sources, layout, {to.data(), static_cast<std::size_t>(to.bytes)});
  }

 private:
  /// Copies to memory that is as a rule new and not yet backed by pages, which costs several times the copy itself. Pages
  /// come at the first touch: asking for them beforehand writes each twice, with what is to be copied pushed out between.
  void bring(const std::byte* from, std::span<std::byte> to) const {
    if (to.size() < shared_copy_bytes) {
      if (!to.empty()) std::memcpy(to.data(), from, to.size());
      return;
    }
    const auto parts = static_cast<std::size_t>(pool_.threads());
    pool_.run(1, [&](int, int part) {
      const std::size_t begin = to.size() * static_cast<std::size_t>(part) / parts;
      const std::size_t end = to.size() * (static_cast<std::size_t>(part) + 1) / parts;
      std::memcpy(to.data() + begin, from + begin, end - begin);
    });
  }

  ThreadPool& pool_;
};

}  // namespace

std::shared_ptr<Region> CpuBackend::reserve(std::int64_t bytes, Tier) {
  // Linux promises more than it has and kills who takes it at its word.
  if (bytes > this_processor().memory_bytes) return nullptr;
  return AnonymousRegion::reserve(bytes);
}

Result<std::shared_ptr<Region>> CpuBackend::map(const std::string& path, std::int64_t offset, std::int64_t bytes) {
  auto mapping = FileMapping::open(path, offset, bytes);
  if (!mapping) return mapping.error();
  return std::shared_ptr<Region>(std::make_shared<FileRegion>(mapping.value()));
}

Result<std::shared_ptr<Executable>> CpuBackend::compile(Program program, GeneratedKernels) {
  return CpuExecutable::compile(std::move(program), level_, pool_.threads());
}

std::unique_ptr<Stream> CpuBackend::stream(QueueKind) { return std::make_unique<CpuStream>(pool_); }

}  // namespace halyard::cpu
