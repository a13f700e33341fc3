#include <algorithm>
#include <set>

#include "parser.h"

namespace halyard::simulator {
namespace {

/// Of one declaration; NVRTC numbers virtual registers anew for each function, so that there are some thousands.
constexpr std::int64_t most_registers = 1 << 20;
/// Of a thread. Source: CUDA C++ Programming Guide, table of technical specifications.
constexpr std::uint64_t most_local_bytes = 512 << 10;
/// A kernel has 32,764 at the most; those of the calls within one function are added up here.
constexpr std::uint64_t most_parameter_bytes = 64 << 10;

std::uint64_t round_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

Width width_of_type(const Cursor& cursor, std::string_view type) {
  if (type == ".pred") return Width::predicate;
  switch (type_bytes(type)) {
    case 1:
    case 2:
      return Width::bits16;
    case 4:
      return Width::bits32;
    case 8:
      return Width::bits64;
    case 16:
      return Width::bits128;
    default:
      cursor.fail("unknown register type '" + std::string(type) + "'");
  }
}

bool is_special(std::string_view name) {
  static const std::set<std::string_view> names = {"%tid",
                                                   "%ntid",
                                                   "%ctaid",
                                                   "%nctaid",
                                                   "%laneid",
                                                   "%warpid",
                                                   "%nwarpid",
                                                   "%smid",
                                                   "%nsmid",
                                                   "%gridid",
                                                   "%clock",
                                                   "%clock_hi",
                                                   "%clock64",
                                                   "%globaltimer",
                                                   "%globaltimer_lo",
                                                   "%globaltimer_hi",
                                                   "%lanemask_eq",
                                                   "%lanemask_le",
                                                   "%lanemask_lt",
                                                   "%lanemask_ge",
                                                   "%lanemask_gt",
                                                   "%clusterid",
                                                   "%nclusterid",
                                                   "%cluster_ctaid",
                                                   "%cluster_nctaid",
                                                   "%cluster_ctarank",
                                                   "%cluster_nctarank",
                                                   "%is_explicit_cluster",
                                                   "%dynamic_smem_size",
                                                   "%total_smem_size",
                                                   "%aggr_smem_size",
                                                   "WARP_SZ"};
  return names.contains(name.substr(0, name.find('.')));
}

class BodyParser {
 public:
  BodyParser(Cursor& cursor, FunctionSyntax& function, ModuleSyntax& module)
      : cursor_(cursor), function_(function), module_(module) {}

  void run() {
    scopes_.emplace_back();
    for (const auto& list : {function_.parameters, function_.results})
      for (const Variable& variable : list) {
        scopes_.back().variables[variable.name] = variable.name;
        function_.variables[variable.name] = variable;
      }
    block();
  }

 private:
  struct Family {
    std::uint32_t first, count;
  };
  struct Scope {
    std::map<std::string, std::int32_t, std::less<>> registers;
    std::map<std::string, Family, std::less<>> families;
    std::map<std::string, std::string, std::less<>> variables;  // name → unique name
    std::map<std::string, std::string, std::less<>> labels;
    std::size_t first_statement = 0;
  };

  void block() {
    const Nesting nesting(cursor_, depth_);
    cursor_.expect("{");
    while (!cursor_.take_if("}")) {
      const Token& token = cursor_.peek();
      if (token.kind == Token::Kind::end) cursor_.fail("the text ends inside of '" + function_.name + "'");
      if (token.is("{")) {
        scopes_.emplace_back();
        scopes_.back().first_statement = function_.statements.size();
        block();
        continue;
      }
      if (token.kind == Token::Kind::directive) {
        directive();
      } else if (token.kind == Token::Kind::word && cursor_.peek(1).is(":")) {
        label();
      } else if (!cursor_.take_if(";")) {
        statement();
      }
    }
    close_scope();
  }

  /// Labels of a scope are its own: an inlined piece of assembly may come many times.
  void close_scope() {
    const Scope& scope = scopes_.back();
    for (std::size_t i = scope.first_statement; i < function_.statements.size(); ++i)
      for (Operand& operand : function_.statements[i].operands)
        if (operand.kind == Operand::Kind::symbol)
          if (auto found = scope.labels.find(operand.name); found != scope.labels.end()) operand.name = found->second;
    scopes_.pop_back();
  }

  std::string unique(const std::string& name) { return name + "@" + std::to_string(++serial_); }

  void label() {
    const std::string name = cursor_.expect_word();
    cursor_.expect(":");
    if (cursor_.peek().is(".branchtargets")) {
      cursor_.take();
      auto& targets = function_.branch_targets[name];
      do targets.push_back(cursor_.expect_word());
      while (cursor_.take_if(","));
      cursor_.expect(";");
      return;
    }
    if (cursor_.peek().is(".callprototype")) {
      while (!cursor_.take_if(";")) cursor_.take();
      return;
    }
    const std::string key = scopes_.size() > 1 ? unique(name) : name;
    scopes_.back().labels[name] = key;
    function_.labels[key] = static_cast<std::uint32_t>(function_.statements.size());
  }

  void directive() {
    const Token token = cursor_.take();
    if (token.is(".reg")) return registers();
    if (token.is(".shared") || token.is(".local") || token.is(".param")) return variable(token.text);
    if (token.is(".pragma")) {
      while (!cursor_.take_if(";")) cursor_.take();
      return;
    }
    if (token.is(".loc")) {
      while (cursor_.peek().line == token.line) cursor_.take();
      return;
    }
    if (token.is(".global") || token.is(".const")) {
      GlobalVariable global = parse_global(cursor_, token.is(".const"));
      scopes_.back().variables[global.name] = global.name;
      module_.globals.push_back(std::move(global));
      return cursor_.expect(";");
    }
    cursor_.fail("unknown directive '" + std::string(token.text) + "'");
  }

  void registers() {
    const Width width = width_of_type(cursor_, cursor_.take().text);
    do {
      const std::string name = cursor_.expect_word();
      const auto first = static_cast<std::uint32_t>(function_.registers.size());
      if (cursor_.take_if("<")) {
        const auto count = static_cast<std::uint32_t>(cursor_.expect_integer(0, most_registers));
        cursor_.expect(">");
        scopes_.back().families[name] = {first, count};
        function_.registers.resize(first + count, {width});
      } else {
        scopes_.back().registers[name] = static_cast<std::int32_t>(first);
        function_.registers.push_back({width});
      }
    } while (cursor_.take_if(","));
    cursor_.expect(";");
  }

  void variable(std::string_view space) {
    do {
      Variable declared = parse_variable(cursor_);
      const std::string name = declared.name;
      if (space == ".shared") {
        declared.space = Variable::Space::shared;
      } else if (space == ".local") {
        declared.space = Variable::Space::local;
        declared.offset = round_up(function_.local_bytes, declared.alignment);
        if (declared.offset + declared.bytes > most_local_bytes) cursor_.fail("more than 512 KB of local memory");
        function_.local_bytes = static_cast<std::uint32_t>(declared.offset + declared.bytes);
        declared.name = unique(name);
      } else {
        declared.space = Variable::Space::parameter;
        declared.offset = round_up(function_.parameter_bytes, 8);
        if (declared.offset + declared.bytes > most_parameter_bytes) cursor_.fail("more than 64 KB of parameters");
        function_.parameter_bytes = static_cast<std::uint32_t>(declared.offset + declared.bytes);
        declared.name = unique(name);
      }
      scopes_.back().variables[name] = declared.name;
      function_.variables[declared.name] = declared;
    } while (cursor_.take_if(","));
    cursor_.expect(";");
  }

  std::int32_t find_register(std::string_view name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (auto found = scope->registers.find(name); found != scope->registers.end()) return found->second;
      std::size_t digits = name.size();
      while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9') --digits;
      if (digits == name.size() || name.size() - digits > 8) continue;
      auto family = scope->families.find(name.substr(0, digits));
      if (family == scope->families.end()) continue;
      const auto number = static_cast<std::uint32_t>(std::stoul(std::string(name.substr(digits))));
      if (number < family->second.count) return static_cast<std::int32_t>(family->second.first + number);
    }
    return -1;
  }

  std::int32_t expect_register() {
    const std::string name = cursor_.expect_word();
    if (name == "_") return -1;
    const std::int32_t reg = find_register(name);
    if (reg < 0) cursor_.fail("'" + name + "' is no register");
    return reg;
  }

  void statement() {
    Statement result;
    if (cursor_.take_if("@")) {
      result.guard_negated = cursor_.take_if("!");
      result.guard = expect_register();
    }
    const Token& opcode = cursor_.take();
    if (opcode.kind != Token::Kind::word)
      cursor_.fail("expected an instruction, found '" + std::string(opcode.text) + "'");
    result.line = opcode.line;
    result.opcode = opcode.text;
    for (std::string_view rest = opcode.text;;) {
      const std::size_t dot = rest.find('.');
      result.parts.push_back(rest.substr(0, dot));
      if (dot == std::string_view::npos) break;
      rest.remove_prefix(dot + 1);
    }
    if (!cursor_.take_if(";")) {
      do result.operands.push_back(operand());
      while (cursor_.take_if(","));
      cursor_.expect(";");
    }
    function_.statements.push_back(std::move(result));
  }

  Operand list(Operand::Kind kind, std::string_view end) {
    Operand result;
    result.kind = kind;
    while (!cursor_.take_if(end)) {
      result.elements.push_back(operand());
      cursor_.take_if(",");
    }
    return result;
  }

  Operand operand() {
    const Nesting nesting(cursor_, depth_);
    if (cursor_.take_if("{")) return list(Operand::Kind::vector, "}");
    if (cursor_.take_if("(")) return list(Operand::Kind::list, ")");
    if (cursor_.take_if("[")) {
      Operand result = list(Operand::Kind::address, "]");
      if (result.elements.empty()) cursor_.fail("an empty address");
      Operand& base = result.elements[0];
      result.offset = base.offset;
      if (base.kind == Operand::Kind::reg) base.offset = 0;
      return result;
    }
    Operand result;
    if (cursor_.take_if("!")) result.is_negated = true;
    const bool negative = cursor_.take_if("-");
    const Token& token = cursor_.peek();
    switch (token.kind) {
      case Token::Kind::integer:
        result.kind = Operand::Kind::immediate;
        result.bits = negative ? ~token.bits + 1 : token.bits;
        cursor_.take();
        return result;
      case Token::Kind::float32:
      case Token::Kind::float64: {
        result.kind = Operand::Kind::immediate;
        const bool is_double = token.kind == Token::Kind::float64;
        result.literal = is_double ? Literal::float64 : Literal::float32;
        result.bits = token.bits ^ (negative ? std::uint64_t{1} << (is_double ? 63 : 31) : 0);
        cursor_.take();
        return result;
      }
      case Token::Kind::word:
        break;
      default:
        cursor_.fail("expected an operand, found '" + std::string(token.text) + "'");
    }
    const std::string name(cursor_.take().text);
    if (name == "_") {
      result.kind = Operand::Kind::sink;
      if (cursor_.take_if("|")) result.second = expect_register();
      return result;
    }
    result.reg = find_register(name);
    if (result.reg >= 0) {
      result.kind = Operand::Kind::reg;
      if (cursor_.take_if("|")) result.second = expect_register();
    } else if (is_special(name)) {
      result.kind = Operand::Kind::special;
      result.name = name;
      return result;
    } else {
      result.kind = Operand::Kind::symbol;
      result.name = name;
      for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
        if (auto found = scope->variables.find(name); found != scope->variables.end()) {
          result.name = found->second;
          break;
        }
    }
    if (cursor_.peek().is("+")) {
      cursor_.take();
      result.offset = cursor_.expect_integer();
    } else if (cursor_.peek().is("-")) {
      result.offset = cursor_.expect_integer();
    }
    return result;
  }

  Cursor& cursor_;
  FunctionSyntax& function_;
  ModuleSyntax& module_;
  std::vector<Scope> scopes_;
  int serial_ = 0;
  int depth_ = 0;
};

}  // namespace

void parse_body(Cursor& cursor, FunctionSyntax& function, ModuleSyntax& module) {
  BodyParser(cursor, function, module).run();
}

}  // namespace halyard::simulator
