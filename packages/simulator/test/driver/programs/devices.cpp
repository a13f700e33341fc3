// Devices say what they are, and how many blocks of a kernel they hold.
#include "program.h"

namespace {

void describe() {
  check(cuInit(0));
  int devices = 0;
  check(cuDeviceGetCount(&devices));
  for (CUdevice device = 0; device < devices; ++device) {
    const std::string prefix = std::to_string(device) + ".";
    const auto attribute = [&](const char* name, CUdevice_attribute which) {
      int value = 0;
      check(cuDeviceGetAttribute(&value, which, device));
      say((prefix + name).c_str(), value);
    };
    char name[128];
    check(cuDeviceGetName(name, sizeof name, device));
    say((prefix + "name").c_str(), name);
    attribute("multiprocessors", CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    attribute("clockKilohertz", CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
    attribute("memoryClockKilohertz", CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
    attribute("memoryBusBits", CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
    attribute("threads", CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
    attribute("blocks", CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR);
    attribute("registers", CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR);
    attribute("sharedBytes", CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
    attribute("sharedBytesPerBlock", CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    attribute("reservedSharedBytes", CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK);
  }
}

void occupancy() {
  Session session;
  check(cuFuncSetAttribute(session.add, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 60000));
  int registers = 0;
  check(cuFuncGetAttribute(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, session.add));
  say("registers", registers);
  for (const int threads : {32, 96, 256, 1024})
    for (const int shared : {0, 1000, 4900, 16384, 60000}) {
      int blocks = 0;
      check(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, session.add, threads, shared));
      say((std::to_string(threads) + "." + std::to_string(shared)).c_str(), blocks);
    }
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments, {{"describe", describe}, {"occupancy", occupancy}});
}
