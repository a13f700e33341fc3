#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "../memory/address_space.h"

namespace halyard::simulator {

struct Program;  // ptx/program.h: the decoded code of a kernel or function

/// PTX that cannot be read, or uses what the simulator does not know (the message names the opcode).
struct PtxError : std::runtime_error {
  PtxError(std::uint32_t line, const std::string& message)
      : std::runtime_error("PTX line " + std::to_string(line) + ": " + message), line(line) {}
  std::uint32_t line;
};

struct KernelParameter {
  std::string name;
  std::uint32_t offset = 0;  ///< in the buffer of parameters
  std::uint32_t bytes = 0;
  std::uint32_t alignment = 1;
};

struct Kernel {
  std::string name;
  std::vector<KernelParameter> parameters;
  std::uint32_t parameter_bytes = 0;
  std::uint32_t static_shared_bytes = 0;
  std::uint32_t dynamic_shared_offset = 0;        ///< of what a launch adds, behind the static
  std::uint32_t local_bytes = 0;                  ///< per thread
  std::uint32_t constant_bytes = 0;               ///< of the module's .const variables
  std::uint32_t registers = 0;                    ///< estimate: 32-bit registers live at once
  std::uint32_t maximum_threads = 0;              ///< product of .maxntid; 0: not said
  std::uint32_t required_threads[3] = {0, 0, 0};  ///< .reqntid; 0: not said
  std::uint32_t minimum_blocks = 0;               ///< .minnctapersm; 0: not said
  std::uint32_t required_cluster[3] = {0, 0, 0};  ///< .reqnctapercluster; 0: not said
  std::uint32_t maximum_cluster = 0;              ///< .maxclusterrank, in blocks; 0: not said
  std::shared_ptr<const Program> program;
};

/// A variable of the module's .global or .const space.
struct GlobalVariable {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint32_t alignment = 1;
  bool is_constant = false;
  std::vector<std::byte> initial;  ///< empty, or `bytes` of them
  struct Reference {
    std::uint64_t offset;
    std::string symbol;
    std::int64_t addend;
    bool is_generic;
  };
  std::vector<Reference> references;  ///< places of `initial` that hold addresses
  std::uint64_t offset = 0;           ///< in the module's one allocation of its space
};

/// PTX text, decoded once. Immutable; may be loaded on any number of devices.
class Module {
 public:
  /// Throws PtxError.
  static std::shared_ptr<const Module> parse(std::string_view text);

  const std::string& target() const { return target_; }    ///< "sm_80"
  const std::string& version() const { return version_; }  ///< of the instruction set: "8.5"
  const std::vector<Kernel>& kernels() const { return kernels_; }
  const Kernel* find_kernel(std::string_view name) const;
  const std::vector<GlobalVariable>& globals() const { return globals_; }
  const std::string& text() const { return text_; }
  /// The text of one line, from 1.
  std::string line(std::uint32_t number) const;
  /// "file:line" of the source that a line was made from; empty where the text has no line information.
  std::string source_of(std::uint32_t number) const;

 private:
  friend class ModuleBuilder;
  std::string text_;
  std::vector<std::uint32_t> line_offsets_;
  std::string target_;
  std::string version_;
  std::vector<Kernel> kernels_;
  std::vector<GlobalVariable> globals_;
  std::map<std::string, std::size_t, std::less<>> kernels_by_name_;
};

/// A module on a device: its variables have addresses.
class LoadedModule {
 public:
  /// Takes memory for the variables and initializes it; null when there is not enough.
  static std::shared_ptr<LoadedModule> load(std::shared_ptr<const Module> module, std::shared_ptr<AddressSpace> memory);
  ~LoadedModule();
  LoadedModule(const LoadedModule&) = delete;
  LoadedModule& operator=(const LoadedModule&) = delete;

  const Module& module() const { return *module_; }
  const std::shared_ptr<AddressSpace>& memory() const { return memory_; }
  /// Address and size of a variable; false if there is none of that name.
  bool find_global(std::string_view name, std::uint64_t& address, std::uint64_t& bytes) const;

 private:
  LoadedModule(std::shared_ptr<const Module> module, std::shared_ptr<AddressSpace> memory)
      : module_(std::move(module)), memory_(std::move(memory)) {}
  std::shared_ptr<const Module> module_;
  std::shared_ptr<AddressSpace> memory_;
  std::vector<std::uint64_t> addresses_;  ///< per global
};

}  // namespace halyard::simulator
