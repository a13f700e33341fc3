#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "module.h"

namespace halyard::simulator {

/// Size class of a virtual register.
enum class Width : std::uint8_t { predicate, bits16, bits32, bits64, bits128 };

/// How an immediate was written, since its bits depend on the instruction's type.
enum class Literal : std::uint8_t { integer, float32, float64 };

struct Operand {
  enum class Kind : std::uint8_t {
    none,
    reg,        ///< virtual register `reg`
    immediate,  ///< `bits`
    symbol,     ///< a variable, parameter or function `name`, plus `offset`
    special,    ///< `%tid.x` and the like: `name`
    vector,     ///< `elements`
    address,    ///< [ elements[0] + offset ], further elements are coordinates
    sink,       ///< `_`
    list,       ///< ( … ) of a call
  };
  Kind kind = Kind::none;
  Literal literal = Literal::integer;
  bool is_negated = false;  ///< !%p
  std::int32_t reg = -1;
  std::int32_t second = -1;  ///< %p|%q; -1 when there is none or it is `_`
  std::uint64_t bits = 0;
  std::int64_t offset = 0;
  std::string name;
  std::vector<Operand> elements;
};

/// One instruction with its labels resolved to names.
struct Statement {
  std::uint32_t line = 0;
  std::int32_t guard = -1;  ///< predicate register
  bool guard_negated = false;
  std::string_view opcode;              ///< "add.s32"
  std::vector<std::string_view> parts;  ///< "add", "s32"
  std::vector<Operand> operands;

  bool has(std::string_view part) const {
    for (std::size_t i = 1; i < parts.size(); ++i)
      if (parts[i] == part) return true;
    return false;
  }
  /// The nth part from behind that is a type; empty if there is none.
  std::string_view type(std::size_t from_behind = 0) const;
};

bool is_type(std::string_view part);

struct VirtualRegister {
  Width width = Width::bits32;
};

/// A variable inside a function: shared, local, or a parameter of a call.
struct Variable {
  enum class Space : std::uint8_t { shared, local, parameter, global };
  std::string name;
  Space space = Space::shared;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint32_t alignment = 1;
};

/// A kernel or device function as written.
struct FunctionSyntax {
  std::string name;
  std::uint32_t line = 0;
  bool is_kernel = false;
  bool has_body = false;
  std::vector<Variable> parameters;
  std::vector<Variable> results;
  Kernel attributes;  ///< limits of a kernel
  std::vector<VirtualRegister> registers;
  std::vector<Statement> statements;
  std::map<std::string, std::uint32_t, std::less<>> labels;  ///< → index of the statement behind it
  std::map<std::string, std::vector<std::string>, std::less<>> branch_targets;
  std::map<std::string, Variable, std::less<>>
      variables;  ///< parameters included; names of inner scopes are made unique
  std::uint32_t local_bytes = 0;
  std::uint32_t parameter_bytes = 0;  ///< of the parameters of calls, declared inside
};

struct ModuleSyntax {
  std::string version;
  std::string target;
  std::vector<GlobalVariable> globals;
  std::vector<Variable> shared;  ///< of the module, and of functions
  std::map<std::string, Variable, std::less<>> shared_by_name;
  std::map<std::string, std::uint32_t, std::less<>> external_shared;  ///< → alignment
  std::vector<FunctionSyntax> functions;
};

/// Reads the whole text. Throws PtxError.
ModuleSyntax parse_syntax(std::string_view text);

}  // namespace halyard::simulator
