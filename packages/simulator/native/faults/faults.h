#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace halyard::simulator {

/// What is to go wrong. The kinds that name a function act on its n-th call, `lost`, `launch` and `hang` on the n-th
/// kernel that runs.
enum class FaultKind : std::uint8_t {
  allocation,      ///< the n-th call that takes device memory, of whatever function, is refused
  creation,        ///< the n-th call that takes or makes anything (memory, addresses, streams, modules …) gives `result`
  error,           ///< the n-th call of a function gives back `result` and does nothing
  crash,           ///< the process is killed within the n-th call of a function
  lost,            ///< the n-th kernel does not run, or the n-th call of a function: its device is gone, and stays gone
  launch,          ///< the n-th kernel does not run: the launch fails with `result`
  hang,            ///< the n-th kernel never ends
  missing_symbol,  ///< the driver is too old to have the function
};

struct Fault {
  FaultKind kind = FaultKind::error;
  std::string function;      ///< name of the symbol
  int result = 0;            ///< a CUresult
  std::uint64_t nth = 1;     ///< counted from 1
  std::uint64_t times = 1;   ///< how many in a row, from the n-th on; 0: all
  int device = -1;           ///< of the kernel, or of the call that loses it; -1: any
};

const char* name_of(FaultKind kind);

/// Counts calls and kernels, and says when one is to fail. Not safe from several threads.
class Faults {
 public:
  Faults() = default;
  explicit Faults(std::vector<Fault> faults)
      : faults_(std::move(faults)), seen_(faults_.size()), fired_(faults_.size()) {}

  /// The fault that strikes this call (error, creation, crash or lost), if any. `device`: the current context's, or -1.
  std::optional<Fault> call(const std::string& function, int device);
  std::optional<Fault> allocation();
  /// The fault that strikes this kernel (lost, launch or hang), if any.
  std::optional<Fault> kernel(int device);
  /// Whether a function is not there, by its symbol or by the name that programs write.
  bool is_missing(const std::string& symbol, const std::string& name) const;

  const std::vector<Fault>& all() const { return faults_; }
  std::uint64_t fired(std::size_t index) const { return fired_[index]; }

 private:
  bool strikes(std::size_t index);
  std::vector<Fault> faults_;
  std::vector<std::uint64_t> seen_;
  std::vector<std::uint64_t> fired_;
};

}  // namespace halyard::simulator
