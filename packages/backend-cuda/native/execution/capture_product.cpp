#include "capture_product.h"

namespace halyard::cuda {
namespace {

/// A stream that records.
class CaptureStream {
 public:
  explicit CaptureStream(const DeviceContextPointer& context) : context_(context) {}
  ~CaptureStream() {
    if (stream_ == nullptr || context_->is_hung()) return;
    if (is_capturing_) end();
    context_->functions().stream_destroy(stream_);
  }
  CaptureStream(const CaptureStream&) = delete;
  CaptureStream& operator=(const CaptureStream&) = delete;

  Failure begin() {
    const DriverFunctions& functions = context_->functions();
    if (Failure failure = context_->check("cuStreamCreate", functions.stream_create(&stream_, stream_non_blocking)))
      return failure;
    // Relaxed: a library that loads its kernels when it first needs them may do so, and no other thread is held up.
    if (Failure failure =
            context_->check("cuStreamBeginCapture", functions.capture_begin(stream_, CaptureMode::relaxed)))
      return failure;
    is_capturing_ = true;
    return std::nullopt;
  }

  Result<std::unique_ptr<CapturedGraph>> end() {
    is_capturing_ = false;
    Graph graph = nullptr;
    const Failure failure = context_->check("cuStreamEndCapture", context_->functions().capture_end(stream_, &graph));
    auto captured = graph != nullptr ? std::make_unique<CapturedGraph>(context_, graph) : nullptr;
    if (failure) return *failure;
    return captured;
  }

  DriverStream handle() const { return stream_; }

 private:
  const DeviceContextPointer& context_;
  DriverStream stream_ = nullptr;
  bool is_capturing_ = false;
};

}  // namespace

CapturedGraph::~CapturedGraph() {
  if (!context_->is_hung()) context_->functions().graph_destroy(handle_);
}

Result<std::unique_ptr<CapturedGraph>> capture_product(const DeviceContextPointer& context,
                                                       const ProductLibrary& library, const LibraryProduct& product,
                                                       std::span<const std::uint64_t> addresses) {
  CaptureStream stream(context);
  if (Failure failure = stream.begin()) return *failure;
  if (Failure failure = library.multiply(product, addresses, stream.handle())) return *failure;
  return stream.end();
}

}  // namespace halyard::cuda
