#include "cuda_backend.h"

#include <algorithm>

#include "../memory/plain_region.h"
#include "../memory/virtual_region.h"
#include "../memory/zeroing.h"
#include "cuda_executable.h"
#include "cuda_stream.h"

namespace halyard::cuda {
namespace {

bool has_attribute(const DeviceContext& context, DeviceAttribute attribute) {
  int value = 0;
  return context.functions().device_attribute(&value, attribute, context.device()) == 0 && value != 0;
}

}  // namespace

CudaBackend::CudaBackend(DeviceContextPointer context, MemoryKind kind, std::int64_t granularity,
                         std::string product_library)
    : context_(std::move(context)),
      staging_(std::make_shared<Staging>(context_)),
      kind_(kind),
      granularity_(granularity),
      product_library_(std::move(product_library)) {}

Result<MemoryKind> CudaBackend::choose_memory(const DeviceContext& context, const std::string& wanted) {
  const bool mapped = VirtualRegion::granularity_of(context) > 0;
  const bool ordered =
      context.driver().has_ordered_allocation() && has_attribute(context, DeviceAttribute::memory_pools);
  if (wanted.empty()) return mapped ? MemoryKind::mapped : ordered ? MemoryKind::ordered : MemoryKind::plain;
  if (wanted == "mapped" && mapped) return MemoryKind::mapped;
  if (wanted == "ordered" && ordered) return MemoryKind::ordered;
  if (wanted == "plain") return MemoryKind::plain;
  std::string known = "plain";
  if (ordered) known = "ordered, " + known;
  if (mapped) known = "mapped, " + known;
  return Error{"bad-argument", "memory " + wanted, "one that this device has: " + known,
               "Leave the option memory out, or name one of these."};
}

std::shared_ptr<Region> CudaBackend::reserve(std::int64_t bytes, Tier tier) {
  // Pages of the driver: what is smaller would share them anyway.
  const std::int64_t least = std::max(granularity_, std::int64_t{1});
  if (bytes > (std::int64_t{1} << 46)) return nullptr;
  const std::int64_t rounded = std::max((bytes + least - 1) / least, std::int64_t{1}) * least;
  if (tier == Tier::pinned) return PinnedRegion::reserve(context_, rounded);
  std::shared_ptr<CudaRegion> region;
  if (kind_ == MemoryKind::mapped)
    region = VirtualRegion::reserve(context_, rounded, VirtualRegion::granularity_of(*context_));
  else
    region = PlainRegion::reserve(context_, rounded, kind_ == MemoryKind::ordered);
  if (!region || !zero(context_, region->address(), region->bytes())) return nullptr;
  return region;
}

Result<std::shared_ptr<Region>> CudaBackend::map(const std::string&, std::int64_t, std::int64_t) {
  return std::shared_ptr<Region>();
}

Result<std::shared_ptr<Executable>> CudaBackend::compile(Program program, GeneratedKernels kernels) {
  if (Failure loss = lost()) return *loss;
  const bool has_products = std::any_of(kernels.launches.begin(), kernels.launches.end(),
                                        [](const Launch& launch) { return launch.product.has_value(); });
  std::shared_ptr<const ProductLibrary> library;
  if (has_products) {
    auto loaded = products();
    if (!loaded) return loaded.error();
    library = loaded.value();
  }
  return CudaExecutable::load(context_, std::move(program), std::move(kernels), std::move(library));
}

Result<std::shared_ptr<const ProductLibrary>> CudaBackend::products() {
  std::lock_guard lock(mutex_);
  if (products_) return products_;
  if (product_library_.empty())
    return Error{"cuda:cublaslt-missing", "no cuBLASLt where one was looked for", "cuBLASLt 11.11 or newer",
                 "Install it, for example with `pip install nvidia-cublas`, or name its file in HALYARD_CUBLASLT."};
  auto opened = ProductLibrary::open(context_, product_library_);
  if (opened) products_ = opened.value();
  return opened;
}

std::unique_ptr<Stream> CudaBackend::stream(QueueKind) {
  return std::make_unique<CudaStream>(context_, staging_);
}

}  // namespace halyard::cuda
