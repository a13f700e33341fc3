#include "../system.h"

#include <windows.h>
#include <cpuid.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace halyard::cpu {
namespace {

/// The processor's own text of its name.
std::string brand() {
  char text[49] = {};
  if (__get_cpuid_max(0x80000000, nullptr) < 0x80000004) return {};
  for (unsigned part = 0; part < 3; part++) {
    unsigned words[4];
    __get_cpuid(0x80000002 + part, &words[0], &words[1], &words[2], &words[3]);
    std::memcpy(text + 16 * part, words, sizeof(words));
  }
  const std::string name = text;
  const std::size_t begin = name.find_first_not_of(' ');
  return begin == std::string::npos ? std::string() : name.substr(begin, name.find_last_not_of(' ') + 1 - begin);
}

/// Of this process's group, which has up to 64 processors.
std::vector<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> relations() {
  DWORD bytes = 0;
  GetLogicalProcessorInformation(nullptr, &bytes);
  std::vector<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> found(bytes / sizeof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION));
  if (found.empty() || !GetLogicalProcessorInformation(found.data(), &bytes)) return {};
  return found;
}

void read_topology(Processor& processor) {
  DWORD_PTR allowed = 0;
  DWORD_PTR all = 0;
  if (!GetProcessAffinityMask(GetCurrentProcess(), &allowed, &all) || allowed == 0) allowed = ~DWORD_PTR{0};
  int cores = 0;
  for (const auto& relation : relations()) {
    if (relation.Relationship == RelationProcessorCore && (relation.ProcessorMask & allowed) != 0) cores++;
    if (relation.Relationship != RelationCache || relation.Cache.Type == CacheInstruction) continue;
    const std::int64_t bytes = relation.Cache.Size;
    if (relation.Cache.Level == 1) processor.l1_bytes = bytes;
    if (relation.Cache.Level == 2) processor.l2_bytes = bytes;
    if (relation.Cache.Level == 3) processor.l3_bytes = bytes;
  }
  processor.cores = std::max(1, cores);
}

/// Of what the processor has, that which kernels here may use.
std::string features_of(Level level) {
  std::string features;
  if (includes(level, Level::avx2)) features += "avx2 fma f16c";
  if (includes(level, Level::avx512)) features += " avx512f avx512bw";
  if (includes(level, Level::avx512vnni)) features += " avx512_vnni";
  if (includes(level, Level::avx512bf16)) features += " avx512_bf16";
  return features;
}

}  // namespace

void describe_system(Processor& processor) {
  processor.name = brand();
  processor.features = features_of(processor.level);
  MEMORYSTATUSEX memory{};
  memory.dwLength = sizeof(memory);
  if (GlobalMemoryStatusEx(&memory)) processor.memory_bytes = static_cast<std::int64_t>(memory.ullTotalPhys);
  read_topology(processor);
}

}  // namespace halyard::cpu
