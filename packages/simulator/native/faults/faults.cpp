#include "faults.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace halyard::simulator {

namespace {

/// Functions that may be refused because there is no room, by how their names begin.
constexpr std::string_view creators[] = {
    "cuCtxCreate",   "cuDevicePrimaryCtxRetain", "cuEventCreate",  "cuGraphAdd",      "cuGraphClone",
    "cuGraphCreate", "cuGraphInstantiate",       "cuLibraryLoad",  "cuMemAddressReserve", "cuMemAlloc",
    "cuMemCreate",   "cuMemHostAlloc",           "cuMemHostRegister", "cuMemMap",       "cuMemPoolCreate",
    "cuMemSetAccess", "cuModuleLoad",            "cuStreamCreate",
};

bool creates(std::string_view function) {
  return std::any_of(std::begin(creators), std::end(creators),
                     [&](std::string_view begin) { return function.starts_with(begin); });
}

}  // namespace

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::allocation: return "allocation";
    case FaultKind::creation: return "creation";
    case FaultKind::error: return "error";
    case FaultKind::crash: return "crash";
    case FaultKind::lost: return "lost";
    case FaultKind::launch: return "launch";
    case FaultKind::hang: return "hang";
    case FaultKind::missing_symbol: return "missing-symbol";
  }
  return "unknown";
}

bool Faults::strikes(std::size_t index) {
  const Fault& fault = faults_[index];
  const std::uint64_t count = ++seen_[index];
  const bool hit = count >= fault.nth && (fault.times == 0 || count < fault.nth + fault.times);
  fired_[index] += hit;
  return hit;
}

std::optional<Fault> Faults::call(const std::string& function, int device) {
  std::optional<Fault> result;
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const Fault& fault = faults_[i];
    const bool is_of_call = fault.kind == FaultKind::error || fault.kind == FaultKind::crash;
    const bool is_creation = fault.kind == FaultKind::creation && creates(function);
    const bool loses_it = fault.kind == FaultKind::lost && fault.function == function && device >= 0 &&
                          (fault.device < 0 || fault.device == device);
    if (((is_of_call && fault.function == function) || is_creation || loses_it) && strikes(i)) result = fault;
  }
  return result;
}

std::optional<Fault> Faults::allocation() {
  std::optional<Fault> result;
  for (std::size_t i = 0; i < faults_.size(); ++i)
    if (faults_[i].kind == FaultKind::allocation && strikes(i)) result = faults_[i];
  return result;
}

std::optional<Fault> Faults::kernel(int device) {
  std::optional<Fault> result;
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const Fault& fault = faults_[i];
    const bool concerns = (fault.kind == FaultKind::lost && fault.function.empty()) ||
                          fault.kind == FaultKind::launch || fault.kind == FaultKind::hang;
    if (concerns && (fault.device < 0 || fault.device == device) && strikes(i)) result = fault;
  }
  return result;
}

bool Faults::is_missing(const std::string& symbol, const std::string& name) const {
  for (const Fault& fault : faults_)
    if (fault.kind == FaultKind::missing_symbol && (fault.function == symbol || fault.function == name)) return true;
  return false;
}

}  // namespace halyard::simulator
