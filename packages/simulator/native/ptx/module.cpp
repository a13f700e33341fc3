#include "module.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>

#include "emitter.h"
#include "syntax.h"

namespace halyard::simulator {

namespace {

constexpr std::uint32_t stack_bytes = 16384;  // room for local variables of functions that call themselves

std::uint32_t round_up(std::uint32_t value, std::uint32_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// Whether a function, or one that it calls, names a shared variable of the module.
bool uses_module_shared(const FunctionSyntax& function, const ModuleSyntax& syntax) {
  const std::function<bool(const Operand&)> names = [&](const Operand& operand) {
    if (operand.kind == Operand::Kind::symbol && syntax.shared_by_name.contains(operand.name)) return true;
    return std::any_of(operand.elements.begin(), operand.elements.end(), names);
  };
  for (const Statement& statement : function.statements) {
    if (statement.parts[0] == "call") return true;
    if (std::any_of(statement.operands.begin(), statement.operands.end(), names)) return true;
  }
  return false;
}

}  // namespace

class ModuleBuilder {
 public:
  explicit ModuleBuilder(std::string_view text) : module_(std::make_shared<Module>()) {
    module_->text_ = std::string(text);
    module_->line_offsets_ = {0};
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') module_->line_offsets_.push_back(static_cast<std::uint32_t>(i + 1));
  }

  std::shared_ptr<const Module> run() {
    ModuleSyntax syntax = parse_syntax(module_->text_);
    module_->target_ = syntax.target;
    module_->version_ = syntax.version;
    ModuleScope scope{syntax, {}, {}, {}, 0};
    for (std::size_t i = 0; i < syntax.globals.size(); ++i) scope.globals[syntax.globals[i].name] = i;
    std::uint32_t shared = 0;
    for (const Variable& variable : syntax.shared) {
      shared = round_up(shared, variable.alignment);
      scope.shared[variable.name] = shared;
      shared += static_cast<std::uint32_t>(variable.bytes);
    }
    for (const FunctionSyntax& function : syntax.functions)
      if (!function.is_kernel) scope.functions[function.name] = std::make_shared<Program>();
    std::uint32_t function_shared = shared;
    bool has_functions = false;
    for (const FunctionSyntax& function : syntax.functions) {
      if (function.is_kernel) continue;
      has_functions = true;
      Program& program = *scope.functions.find(function.name)->second;
      program.name = function.name;
      Emitter emitter(scope, function, program, function_shared);
      emitter.run();
      function_shared = emitter.static_shared_bytes();
    }
    for (const FunctionSyntax& function : syntax.functions)
      if (function.is_kernel)
        kernel(function, scope, uses_module_shared(function, syntax) ? (has_functions ? function_shared : shared) : 0);
    module_->globals_ = std::move(syntax.globals);
    return module_;
  }

 private:
  void kernel(const FunctionSyntax& function, ModuleScope& scope, std::uint32_t shared_base) {
    Kernel kernel = function.attributes;
    kernel.name = function.name;
    auto program = std::make_shared<Program>();
    program->name = function.name;
    program->is_kernel = true;
    Emitter emitter(scope, function, *program, shared_base);
    emitter.run();
    for (const Variable& variable : function.parameters) {
      const auto offset = static_cast<std::uint32_t>(variable.offset),
                 bytes = static_cast<std::uint32_t>(variable.bytes);
      kernel.parameters.push_back({variable.name, offset, bytes, variable.alignment});
      kernel.parameter_bytes = offset + bytes;
    }
    kernel.static_shared_bytes = emitter.static_shared_bytes();
    std::uint32_t alignment = 16;
    for (const auto& [name, wanted] : scope.syntax.external_shared) alignment = std::max(alignment, wanted);
    kernel.dynamic_shared_offset = (kernel.static_shared_bytes + alignment - 1) / alignment * alignment;
    kernel.registers = program->live_registers;
    for (const GlobalVariable& variable : scope.syntax.globals)
      if (variable.is_constant) kernel.constant_bytes += static_cast<std::uint32_t>(variable.bytes);
    kernel.local_bytes = program->local_bytes;
    if (!program->callees.empty()) {
      for (const auto& [name, callee] : scope.functions) program->keep.push_back(callee);
      kernel.local_bytes += stack_bytes;
    }
    kernel.program = std::move(program);
    module_->kernels_by_name_[kernel.name] = module_->kernels_.size();
    module_->kernels_.push_back(std::move(kernel));
  }

  std::shared_ptr<Module> module_;
};

std::shared_ptr<const Module> Module::parse(std::string_view text) {
  return ModuleBuilder(text).run();
}

const Kernel* Module::find_kernel(std::string_view name) const {
  const auto found = kernels_by_name_.find(name);
  return found == kernels_by_name_.end() ? nullptr : &kernels_[found->second];
}

std::string Module::line(std::uint32_t number) const {
  if (number == 0 || number > line_offsets_.size()) return {};
  const std::size_t begin = line_offsets_[number - 1];
  const std::size_t end = std::min(text_.find('\n', begin), text_.size());
  std::string result = text_.substr(begin, end - begin);
  const std::size_t first = result.find_first_not_of(" \t");
  return first == std::string::npos ? std::string() : result.substr(first);
}

namespace {

/// The words of a line: `.loc 1 23 4` → ".loc", "1", "23", "4".
std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

bool begins_function(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == ".entry" || word == ".func"; });
}

}  // namespace

std::string Module::source_of(std::uint32_t number) const {
  for (std::uint32_t n = number; n > 0; --n) {
    const auto words = words_of(line(n));
    if (begins_function(words)) return {};
    if (words.size() < 3 || words[0] != ".loc") continue;
    // Compilers put the names of files at the end of a text.
    for (std::uint32_t f = n; f <= line_offsets_.size(); ++f) {
      const auto file = words_of(line(f));
      if (file.size() > 2 && file[0] == ".file" && file[1] == words[1])
        return file[2].substr(1, file[2].rfind('"') - 1) + ":" + words[2];
    }
    return {};
  }
  return {};
}

std::shared_ptr<LoadedModule> LoadedModule::load(std::shared_ptr<const Module> module,
                                                 std::shared_ptr<AddressSpace> memory) {
  std::shared_ptr<LoadedModule> result(new LoadedModule(std::move(module), std::move(memory)));
  const std::vector<GlobalVariable>& globals = result->module_->globals();
  for (const GlobalVariable& variable : globals) {
    std::uint64_t address = 0;
    if (result->memory_->allocate(std::max<std::uint64_t>(variable.bytes, 1), address, variable.alignment,
                                  variable.is_constant) != MemoryStatus::ok)
      return nullptr;
    result->addresses_.push_back(address);
  }
  for (std::size_t i = 0; i < globals.size(); ++i) {
    // Variables with no initial value are zero.
    std::vector<std::byte> initial = globals[i].initial;
    initial.resize(globals[i].bytes);
    for (const GlobalVariable::Reference& reference : globals[i].references) {
      std::uint64_t address = 0, bytes = 0;
      if (!result->find_global(reference.symbol, address, bytes)) continue;
      address += static_cast<std::uint64_t>(reference.addend);
      std::memcpy(initial.data() + reference.offset, &address, sizeof(address));
    }
    result->memory_->write(result->addresses_[i], initial.data(), initial.size());
  }
  return result;
}

LoadedModule::~LoadedModule() {
  for (const std::uint64_t address : addresses_) memory_->free(address);
}

bool LoadedModule::find_global(std::string_view name, std::uint64_t& address, std::uint64_t& bytes) const {
  const std::vector<GlobalVariable>& globals = module_->globals();
  for (std::size_t i = 0; i < globals.size() && i < addresses_.size(); ++i)
    if (globals[i].name == name) return address = addresses_[i], bytes = globals[i].bytes, true;
  return false;
}

}  // namespace halyard::simulator
