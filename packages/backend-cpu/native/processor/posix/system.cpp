#include "../system.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace halyard::cpu {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string field_of_cpuinfo(const std::string& field) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(field, 0) != 0) continue;
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && colon + 2 <= line.size()) return line.substr(colon + 2);
  }
  return {};
}

/// `32K`, `1024K`, `16M`.
std::int64_t parse_size(const std::string& text) {
  if (text.empty()) return 0;
  const std::int64_t number = std::strtoll(text.c_str(), nullptr, 10);
  if (text.find('M') != std::string::npos) return number << 20;
  return text.find('K') != std::string::npos ? number << 10 : number;
}

void read_caches(Processor& processor) {
  for (int index = 0; index < 8; index++) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
    const std::int64_t bytes = parse_size(first_line(folder + "size"));
    if (bytes == 0) continue;
    const std::string level = first_line(folder + "level");
    if (level == "1" && first_line(folder + "type") == "Data") processor.l1_bytes = bytes;
    if (level == "2") processor.l2_bytes = bytes;
    if (level == "3") processor.l3_bytes = bytes;
  }
}

/// CPUs that the scheduler may give us, counted by physical core.
int allowed_cores() {
#if defined(__linux__)
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    std::set<std::string> cores;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
      if (!CPU_ISSET(cpu, &allowed)) continue;
      const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
      const std::string siblings = first_line(topology + "thread_siblings_list");
      cores.insert(siblings.empty() ? std::to_string(cpu) : siblings);
    }
    if (!cores.empty()) return static_cast<int>(cores.size());
  }
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Cores that the control group's quota comes to, rounded up; 0 without one. Versions 2 and 1.
int quota_cores() {
  long long quota = 0;
  long long period = 0;
  std::istringstream two(first_line("/sys/fs/cgroup/cpu.max"));
  if (!(two >> quota >> period)) {
    std::istringstream one(first_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"));
    std::istringstream every(first_line("/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
    if (!(one >> quota) || !(every >> period)) return 0;
  }
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<int>((quota + period - 1) / period);
}

std::int64_t limit_in(const char* path) {
  std::istringstream text(first_line(path));
  std::int64_t bytes = 0;
  return text >> bytes ? bytes : 0;
}

std::int64_t memory_bytes() {
  std::int64_t bytes = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const std::int64_t limit = limit_in(path);
    if (limit > 0 && limit < bytes) bytes = limit;
  }
  return bytes;
}

/// Of what the system lists, that which kernels here may use.
std::string known_features() {
  static constexpr const char* wanted[] = {"avx2",        "fma",        "f16c",      "avx512f",  "avx512bw",
                                           "avx512_vnni", "avx512_bf16", "avx_vnni",  "amx_int8", "amx_bf16",
                                           "asimd",       "asimddp",    "i8mm",      "bf16"};
  std::string flags = " " + field_of_cpuinfo("flags") + " " + field_of_cpuinfo("Features") + " ";
  std::string result;
  for (const char* feature : wanted) {
    const std::string word = std::string(" ") + feature + " ";
    if (flags.find(word) != std::string::npos) result += (result.empty() ? "" : " ") + std::string(feature);
  }
  return result;
}

}  // namespace

void describe_system(Processor& processor) {
  processor.name = field_of_cpuinfo("model name");
  const int quota = quota_cores();
  const int allowed = allowed_cores();
  processor.cores = quota > 0 ? std::min(quota, allowed) : allowed;
  processor.memory_bytes = memory_bytes();
  processor.features = known_features();
  read_caches(processor);
}

}  // namespace halyard::cpu
