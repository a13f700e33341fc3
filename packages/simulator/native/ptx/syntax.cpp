#include "syntax.h"

#include <algorithm>
#include <set>

#include "parser.h"

namespace halyard::simulator {

bool is_type(std::string_view part) {
  static const std::set<std::string_view> others = {"pred",   "tf32", "e4m3", "e5m2", "e4m3x2",
                                                    "e5m2x2", "u4",   "s4",   "b1"};
  return type_bytes(part) != 0 || others.contains(part);
}

std::string_view Statement::type(std::size_t from_behind) const {
  for (std::size_t i = parts.size(); i-- > 1;)
    if (is_type(parts[i]) && from_behind-- == 0) return parts[i];
  return "";
}

namespace {

/// Source: PTX ISA, "Kernel Function Parameters".
constexpr std::uint64_t most_parameter_bytes = 32'764;

class SyntaxParser {
 public:
  explicit SyntaxParser(std::string_view text) : cursor_(tokenize(text)) {}

  ModuleSyntax run() {
    while (cursor_.peek().kind != Token::Kind::end) top();
    if (module_.target.empty()) cursor_.fail("no .target: this is no PTX");
    return std::move(module_);
  }

 private:
  void top() {
    const Token token = cursor_.take();
    if (token.is(".version")) {
      module_.version = std::string(cursor_.take().text);
    } else if (token.is(".target")) {
      module_.target = cursor_.expect_word();
      while (cursor_.take_if(",")) cursor_.take();
    } else if (token.is(".address_size")) {
      if (cursor_.expect_integer() != 64) cursor_.fail("only 64-bit addresses are supported");
    } else if (token.is(".extern")) {
      is_extern_ = true;
    } else if (token.is(".visible") || token.is(".weak") || token.is(".common")) {
      is_extern_ = false;
    } else if (token.is(".global") || token.is(".const")) {
      const bool is_constant = token.is(".const");
      do module_.globals.push_back(parse_global(cursor_, is_constant));
      while (cursor_.take_if(","));
      cursor_.expect(";");
      if (is_extern_) cursor_.fail("variables of other modules are not supported");
    } else if (token.is(".shared")) {
      do shared();
      while (cursor_.take_if(","));
      cursor_.expect(";");
      is_extern_ = false;
    } else if (token.is(".entry") || token.is(".func")) {
      function(token.is(".entry"));
      is_extern_ = false;
    } else if (token.is(".file") || token.is(".loc")) {
      while (cursor_.peek().line == token.line && cursor_.peek().kind != Token::Kind::end) cursor_.take();
    } else if (token.is(".section")) {
      while (!cursor_.take_if("}")) cursor_.take();
    } else if (token.is(".pragma") || token.is(".alias")) {
      while (!cursor_.take_if(";")) cursor_.take();
    } else if (!token.is(";")) {
      cursor_.fail("'" + std::string(token.text) + "' is not known at this place");
    }
  }

  void shared() {
    Variable variable = parse_variable(cursor_);
    if (is_extern_ || variable.bytes == 0) {
      module_.external_shared[variable.name] = variable.alignment;
    } else {
      module_.shared_by_name[variable.name] = variable;
      module_.shared.push_back(variable);
    }
  }

  std::vector<Variable> parameters() {
    std::vector<Variable> result;
    cursor_.expect("(");
    std::uint64_t offset = 0;
    while (!cursor_.take_if(")")) {
      if (!cursor_.take_if(".param")) cursor_.fail("parameters in registers are not supported");
      Variable variable = parse_variable(cursor_);
      variable.space = Variable::Space::parameter;
      variable.offset = (offset + variable.alignment - 1) / variable.alignment * variable.alignment;
      offset = variable.offset + variable.bytes;
      if (offset > most_parameter_bytes) cursor_.fail("more than 32,764 bytes of parameters");
      result.push_back(std::move(variable));
      cursor_.take_if(",");
    }
    return result;
  }

  void function(bool is_kernel) {
    FunctionSyntax function;
    function.is_kernel = is_kernel;
    function.line = cursor_.peek().line;
    while (cursor_.peek().is(".attribute")) skip_parentheses();
    if (!is_kernel && cursor_.peek().is("(")) function.results = parameters();
    function.name = cursor_.expect_word();
    if (cursor_.peek().is("(")) function.parameters = parameters();
    limits(function.attributes);
    if (!cursor_.take_if(";")) {
      function.has_body = true;
      parse_body(cursor_, function, module_);
    }
    if (!is_extern_ && function.has_body) {
      module_.functions.push_back(std::move(function));
    }
  }

  void skip_parentheses() {
    while (!cursor_.take_if(")")) cursor_.take();
  }

  void three(std::uint32_t (&values)[3]) {
    for (int i = 0; i < 3; ++i) {
      values[i] = static_cast<std::uint32_t>(cursor_.expect_integer());
      if (!cursor_.take_if(",")) {
        for (int rest = i + 1; rest < 3; ++rest) values[rest] = 1;
        return;
      }
    }
  }

  void limits(Kernel& kernel) {
    while (cursor_.peek().kind == Token::Kind::directive) {
      const Token token = cursor_.take();
      std::uint32_t values[3] = {1, 1, 1};
      if (token.is(".maxntid")) {
        three(values);
        kernel.maximum_threads = values[0] * values[1] * values[2];
      } else if (token.is(".reqntid")) {
        three(kernel.required_threads);
      } else if (token.is(".minnctapersm")) {
        kernel.minimum_blocks = static_cast<std::uint32_t>(cursor_.expect_integer());
      } else if (token.is(".reqnctapercluster")) {
        three(kernel.required_cluster);
      } else if (token.is(".maxclusterrank")) {
        kernel.maximum_cluster = static_cast<std::uint32_t>(cursor_.expect_integer());
      } else if (token.is(".maxnreg") || token.is(".maxnctapersm")) {
        cursor_.expect_integer();
      } else if (token.is(".pragma")) {
        while (!cursor_.take_if(";")) cursor_.take();
      } else if (token.is(".attribute")) {
        skip_parentheses();
      } else if (!token.is(".explicitcluster") && !token.is(".noreturn") && !token.is(".blocksareclusters")) {
        cursor_.fail("unknown directive '" + std::string(token.text) + "'");
      }
    }
  }

  Cursor cursor_;
  ModuleSyntax module_;
  bool is_extern_ = false;
};

}  // namespace

ModuleSyntax parse_syntax(std::string_view text) {
  return SyntaxParser(text).run();
}

}  // namespace halyard::simulator
