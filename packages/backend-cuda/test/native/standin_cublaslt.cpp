// Takes the place of NVIDIA's cuBLASLt in tests, where there is no GPU that its kernels would run on: the functions
// that the backend calls, with a plain product of its own. What it was asked goes to the file that
// STANDIN_CUBLASLT_LOG names, a JSON object a line.
//
// STANDIN_CUBLASLT_VERSION is the version it says it has (13.1.0), STANDIN_CUBLASLT_PTX the file with its kernel. With
// STANDIN_CUBLASLT_RESTLESS every second product is submitted in another form than the one before; it is done
// STANDIN_CUBLASLT_TIMES times (once), which may be never.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>

#include "../../native/products/cublaslt_functions.h"
#include "standin_problem.h"

using namespace halyard::cuda;

namespace halyard::cuda {
struct BlasHandleObject {};
struct ProductDescriptorObject {
  ComputeType compute;
  ElementType scale;
  Operation transpose_a = Operation::none;
  Operation transpose_b = Operation::none;
  Epilogue epilogue = Epilogue::none;
  DeviceAddress bias = 0;
};
struct MatrixLayoutObject {
  ElementType type;
  std::uint64_t rows;
  std::uint64_t columns;
  std::int64_t leading;
  std::int32_t batches = 1;
  std::int64_t batch_stride = 0;
};
struct PreferenceObject {
  std::uint64_t workspace_bytes = 0;
  std::uint32_t reduction_schemes = 7;
  std::uint32_t alignments[4] = {256, 256, 256, 256};
};
}  // namespace halyard::cuda

namespace {

constexpr BlasStatus internal_error = 14;
constexpr BlasStatus invalid_value = 7;
constexpr std::size_t used_workspace_bytes = 4096;

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

void log(const std::string& text) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  std::ofstream(setting("STANDIN_CUBLASLT_LOG", "/dev/null"), std::ios::app) << text << "\n";
}

std::string json(const char* name, long long value) { return "\"" + std::string(name) + "\":" + std::to_string(value); }

std::string describe(const MatrixLayoutObject& layout) {
  return "{" + json("type", static_cast<int>(layout.type)) + "," + json("rows", static_cast<long long>(layout.rows)) +
         "," + json("columns", static_cast<long long>(layout.columns)) + "," + json("leading", layout.leading) + "," +
         json("batches", layout.batches) + "," + json("batchStride", layout.batch_stride) + "}";
}

std::string describe(const ProductDescriptorObject& operation, const MatrixLayoutObject& a,
                     const MatrixLayoutObject& b, const MatrixLayoutObject& d) {
  return json("compute", static_cast<int>(operation.compute)) + "," +
         json("transposeA", static_cast<int>(operation.transpose_a)) + "," +
         json("transposeB", static_cast<int>(operation.transpose_b)) + "," +
         json("epilogue", static_cast<int>(operation.epilogue)) + ",\"a\":" + describe(a) + ",\"b\":" + describe(b) +
         ",\"d\":" + describe(d);
}

bool is_consistent(const ProductDescriptorObject& operation, const MatrixLayoutObject& a, const MatrixLayoutObject& b,
                   const MatrixLayoutObject& d) {
  auto extents = [](const MatrixLayoutObject& layout, Operation transpose) {
    return transpose == Operation::none ? std::pair(layout.rows, layout.columns)
                                        : std::pair(layout.columns, layout.rows);
  };
  const auto [rows, depth] = extents(a, operation.transpose_a);
  const auto [other_depth, columns] = extents(b, operation.transpose_b);
  const bool has_room = a.leading >= static_cast<std::int64_t>(a.rows) &&
                        b.leading >= static_cast<std::int64_t>(b.rows) && d.leading >= static_cast<std::int64_t>(d.rows);
  return depth == other_depth && rows == d.rows && columns == d.columns && has_room && a.batches == b.batches &&
         a.batches == d.batches;
}

/// As the documentation of cuBLASLt has it for integers: a transposed, b not, extents in steps of four.
bool is_supported(const ProductDescriptorObject& operation, const MatrixLayoutObject& a, const MatrixLayoutObject& d) {
  if (operation.compute != ComputeType::int32) return operation.scale == ElementType::float32;
  return operation.scale == ElementType::int32 && operation.epilogue == Epilogue::none &&
         operation.transpose_a == Operation::transpose && operation.transpose_b == Operation::none &&
         a.rows % 4 == 0 && d.rows % 4 == 0;
}

/// Marks a suggestion as one for this problem.
std::uint64_t mark_of(const ProductDescriptorObject& operation, const MatrixLayoutObject& a,
                      const MatrixLayoutObject& b, const MatrixLayoutObject& d) {
  return std::hash<std::string>{}(describe(operation, a, b, d));
}

/// The driver that this process has loaded, by the names of its symbols.
struct DriverLibrary {
  void* handle = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  template <typename Function>
  Function find(const char* name) const {
    return reinterpret_cast<Function>(dlsym(handle, name));
  }
};

Status launch(const StandinProblem& problem, DeviceAddress workspace, std::size_t workspace_bytes, int fills,
              DriverStream stream) {
  static const DriverLibrary driver;
  static const auto load = driver.find<Status (*)(Module*, const void*)>("cuModuleLoadData");
  static const auto function_of = driver.find<Status (*)(Function*, Module, const char*)>("cuModuleGetFunction");
  static const auto start =
      driver.find<Status (*)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                             DriverStream, void**, void**)>("cuLaunchKernel");
  static const auto fill =
      driver.find<Status (*)(DeviceAddress, unsigned char, std::size_t, DriverStream)>("cuMemsetD8Async");
  static Function function = nullptr;
  if (function == nullptr) {
    std::ifstream file(setting("STANDIN_CUBLASLT_PTX", ""));
    const std::string ptx{std::istreambuf_iterator<char>(file), {}};
    Module module = nullptr;
    if (Status status = load(&module, ptx.c_str())) return status;
    if (Status status = function_of(&function, module, "product")) return status;
  }
  for (int i = 0; i < fills; i++)
    if (Status status = fill(workspace, 0xff, workspace_bytes, stream)) return status;
  const auto elements = static_cast<unsigned>(problem.rows * problem.columns * problem.batches);
  StandinProblem copy = problem;
  void* parameters[] = {&copy};
  static const int times = std::atoi(setting("STANDIN_CUBLASLT_TIMES", "1").c_str());
  for (int i = 0; i < times; i++)
    if (Status status = start(function, (elements + 127) / 128, 1, 1, 128, 1, 1, 0, stream, parameters, nullptr))
      return status;
  return 0;
}

StandinMatrix matrix_of(const void* address, const MatrixLayoutObject& layout, Operation transpose) {
  return {reinterpret_cast<std::uint64_t>(address), static_cast<int>(layout.type), transpose == Operation::transpose,
          layout.leading, layout.batch_stride};
}

}  // namespace

extern "C" {

BlasStatus cublasLtGetProperty(LibraryProperty property, int* value) {
  int parts[3] = {};
  std::sscanf(setting("STANDIN_CUBLASLT_VERSION", "13.1.0").c_str(), "%d.%d.%d", &parts[0], &parts[1], &parts[2]);
  *value = parts[static_cast<int>(property)];
  return blas_status::success;
}

const char* cublasLtGetStatusString(BlasStatus) { return "what the stand-in says"; }

BlasStatus cublasLtCreate(BlasHandle* handle) {
  *handle = new BlasHandleObject;
  return blas_status::success;
}

BlasStatus cublasLtDestroy(BlasHandle handle) {
  log("{\"call\":\"destroy\"}");
  delete handle;
  return blas_status::success;
}

BlasStatus cublasLtMatmulDescCreate(ProductDescriptor* operation, ComputeType compute, ElementType scale) {
  *operation = new ProductDescriptorObject{compute, scale};
  return blas_status::success;
}

BlasStatus cublasLtMatmulDescDestroy(ProductDescriptor operation) {
  delete operation;
  return blas_status::success;
}

BlasStatus cublasLtMatmulDescSetAttribute(ProductDescriptor operation, ProductAttribute attribute, const void* value,
                                          std::size_t bytes) {
  switch (attribute) {
    case ProductAttribute::transpose_a:
      if (bytes != 4) return invalid_value;
      std::memcpy(&operation->transpose_a, value, bytes);
      return blas_status::success;
    case ProductAttribute::transpose_b:
      if (bytes != 4) return invalid_value;
      std::memcpy(&operation->transpose_b, value, bytes);
      return blas_status::success;
    case ProductAttribute::epilogue:
      if (bytes != 4) return invalid_value;
      std::memcpy(&operation->epilogue, value, bytes);
      return blas_status::success;
    case ProductAttribute::bias_pointer:
      if (bytes != 8) return invalid_value;
      std::memcpy(&operation->bias, value, bytes);
      return blas_status::success;
  }
  return invalid_value;
}

BlasStatus cublasLtMatrixLayoutCreate(MatrixLayout* layout, ElementType type, std::uint64_t rows,
                                      std::uint64_t columns, std::int64_t leading) {
  *layout = new MatrixLayoutObject{type, rows, columns, leading};
  return blas_status::success;
}

BlasStatus cublasLtMatrixLayoutDestroy(MatrixLayout layout) {
  delete layout;
  return blas_status::success;
}

BlasStatus cublasLtMatrixLayoutSetAttribute(MatrixLayout layout, LayoutAttribute attribute, const void* value,
                                            std::size_t bytes) {
  const bool is_count = attribute == LayoutAttribute::batch_count;
  if (bytes != (is_count ? sizeof(layout->batches) : sizeof(layout->batch_stride))) return invalid_value;
  std::memcpy(is_count ? static_cast<void*>(&layout->batches) : &layout->batch_stride, value, bytes);
  return blas_status::success;
}

BlasStatus cublasLtMatmulPreferenceCreate(Preference* preference) {
  *preference = new PreferenceObject;
  return blas_status::success;
}

BlasStatus cublasLtMatmulPreferenceDestroy(Preference preference) {
  delete preference;
  return blas_status::success;
}

BlasStatus cublasLtMatmulPreferenceSetAttribute(Preference preference, PreferenceAttribute attribute,
                                                const void* value, std::size_t bytes) {
  const int number = static_cast<int>(attribute);
  if (attribute == PreferenceAttribute::workspace_bytes) {
    if (bytes != 8) return invalid_value;
    std::memcpy(&preference->workspace_bytes, value, bytes);
    return blas_status::success;
  }
  if (bytes != 4) return invalid_value;
  if (attribute == PreferenceAttribute::reduction_schemes)
    std::memcpy(&preference->reduction_schemes, value, bytes);
  else if (number >= 5 && number <= 8)
    std::memcpy(&preference->alignments[number - 5], value, bytes);
  else
    return invalid_value;
  return blas_status::success;
}

BlasStatus cublasLtMatmulAlgoGetHeuristic(BlasHandle, ProductDescriptor operation, MatrixLayout a, MatrixLayout b,
                                          MatrixLayout c, MatrixLayout d, Preference preference, int wanted,
                                          ProductSuggestion* suggestions, int* count) {
  *count = 0;
  log("{\"call\":\"suggest\"," + describe(*operation, *a, *b, *d) + "," +
      json("workspaceBytes", static_cast<long long>(preference->workspace_bytes)) + "," +
      json("reductionSchemes", preference->reduction_schemes) + ",\"alignments\":[" +
      std::to_string(preference->alignments[0]) + "," + std::to_string(preference->alignments[1]) + "," +
      std::to_string(preference->alignments[2]) + "," + std::to_string(preference->alignments[3]) + "]}");
  if (wanted < 1 || c->type != d->type || !is_consistent(*operation, *a, *b, *d)) return invalid_value;
  if (!is_supported(*operation, *a, *d)) return blas_status::not_supported;
  const std::uint64_t depth = operation->transpose_a == Operation::none ? a->columns : a->rows;
  *suggestions = {};
  suggestions->algorithm.data[0] = mark_of(*operation, *a, *b, *d);
  suggestions->workspace_bytes =
      depth >= 64 && preference->workspace_bytes >= used_workspace_bytes ? used_workspace_bytes : 0;
  suggestions->waves = 1;
  *count = 1;
  return blas_status::success;
}

BlasStatus cublasLtMatmul(BlasHandle, ProductDescriptor operation, const void* alpha, const void* a_address,
                          MatrixLayout a, const void* b_address, MatrixLayout b, const void* beta,
                          const void* c_address, MatrixLayout c, void* d_address, MatrixLayout d,
                          const ProductAlgorithm* algorithm, void* workspace, std::size_t workspace_bytes,
                          DriverStream stream) {
  static int products = 0;
  const bool is_integer = operation->compute == ComputeType::int32;
  auto is = [is_integer](const void* factor, int value) {
    return is_integer ? *static_cast<const std::int32_t*>(factor) == value
                      : *static_cast<const float*>(factor) == static_cast<float>(value);
  };
  if (!is(alpha, 1) || !is(beta, 0) || c_address != d_address || c != d || algorithm == nullptr) return invalid_value;
  if (algorithm->data[0] != mark_of(*operation, *a, *b, *d)) return invalid_value;
  log("{\"call\":\"multiply\"," + describe(*operation, *a, *b, *d) + "," +
      json("workspaceBytes", static_cast<long long>(workspace_bytes)) + "}");
  StandinProblem problem{};
  problem.rows = static_cast<std::int64_t>(d->rows);
  problem.columns = static_cast<std::int64_t>(d->columns);
  problem.depth = static_cast<std::int64_t>(operation->transpose_a == Operation::none ? a->columns : a->rows);
  problem.batches = d->batches;
  problem.a = matrix_of(a_address, *a, operation->transpose_a);
  problem.b = matrix_of(b_address, *b, operation->transpose_b);
  problem.d = matrix_of(d_address, *d, Operation::none);
  problem.bias = operation->epilogue == Epilogue::bias ? operation->bias : 0;
  const bool is_restless = std::getenv("STANDIN_CUBLASLT_RESTLESS") != nullptr;
  const int fills = workspace_bytes == 0 ? 0 : is_restless && products++ % 2 == 1 ? 2 : 1;
  const Status status =
      launch(problem, reinterpret_cast<DeviceAddress>(workspace), workspace_bytes, fills, stream);
  return status == 0 ? blas_status::success : internal_error;
}

}  // extern "C"
