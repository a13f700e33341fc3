// Tensor maps are encoded, passed to a kernel, and refused.
#include "program.h"

namespace {

constexpr cuuint64_t columns = 40, rows = 20;
constexpr cuuint32_t box[] = {32, 8};

CUresult encode(CUtensorMap* map, CUdeviceptr address, cuuint64_t stride, CUtensorMapFloatOOBfill fill) {
  const cuuint64_t dimensions[] = {columns, rows}, strides[] = {stride};
  const cuuint32_t steps[] = {1, 1};
  return cuTensorMapEncodeTiled(map, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 2, reinterpret_cast<void*>(address), dimensions,
                                strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
                                CU_TENSOR_MAP_L2_PROMOTION_NONE, fill);
}

void tile() {
  check(cuInit(0));
  CUcontext context = nullptr;
  check(cuDevicePrimaryCtxRetain(&context, 0));
  check(cuCtxSetCurrent(context));
  CUmodule module = nullptr;
  check(cuModuleLoadData(&module, ptx.c_str()));
  CUfunction sum = nullptr;
  check(cuModuleGetFunction(&sum, module, "sum"));
  const CUdeviceptr from = allocate(4 * columns * rows), to = allocate(4);
  check(cuMemsetD32(from, 0x40000000, columns * rows));
  CUtensorMap map;
  const auto fill = CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE;
  say("misaligned_stride", encode(&map, from, 4 * columns + 4, fill));
  say("filled_with_nan", encode(&map, from, 4 * columns, CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA));
  check(encode(&map, 4096, 4 * columns, fill));
  check(cuTensorMapReplaceAddress(&map, reinterpret_cast<void*>(from)));
  CUdeviceptr result = to;
  void* arguments[] = {&map, &result};
  check(cuLaunchKernel(sum, 1, 1, 1, 32, 1, 1, 0, nullptr, arguments, nullptr));
  float value = 0;
  check(cuMemcpyDtoH(&value, to, sizeof value));
  say("sum", value);
}

}  // namespace

int main(int argument_count, char** arguments) { return run_scenario(argument_count, arguments, {{"tile", tile}}); }
