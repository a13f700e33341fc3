#include "faults.h"

namespace halyard::simulator {

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::allocation: return "allocation";
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

const Fault* Faults::call(const std::string& function) {
  const Fault* result = nullptr;
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const Fault& fault = faults_[i];
    const bool is_of_call = fault.kind == FaultKind::error || fault.kind == FaultKind::crash;
    if (is_of_call && fault.function == function && strikes(i)) result = &fault;
  }
  return result;
}

const Fault* Faults::allocation() {
  const Fault* result = nullptr;
  for (std::size_t i = 0; i < faults_.size(); ++i)
    if (faults_[i].kind == FaultKind::allocation && strikes(i)) result = &faults_[i];
  return result;
}

const Fault* Faults::kernel(int device) {
  const Fault* result = nullptr;
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const Fault& fault = faults_[i];
    const bool concerns =
        fault.kind == FaultKind::lost || fault.kind == FaultKind::launch || fault.kind == FaultKind::hang;
    if (concerns && (fault.device < 0 || fault.device == device) && strikes(i)) result = &fault;
  }
  return result;
}

bool Faults::is_missing(const std::string& symbol, const std::string& name) const {
  for (const Fault& fault : faults_)
    if (fault.kind == FaultKind::missing_symbol && (fault.function == symbol || fault.function == name)) return true;
  return false;
}

}  // namespace halyard::simulator
