#include "linker.h"

#include <map>
#include <set>

#include "lexer.h"
#include "module.h"

namespace halyard::simulator {
namespace {

enum class Linkage : std::uint8_t { local, external, weak, visible };

/// A directive of the module's own level, up to its `;` or `}`.
struct TopLevel {
  std::size_t first = 0, end = 0;  ///< tokens
  Linkage linkage = Linkage::local;
  bool is_header = false;      ///< .version, .target, .address_size
  bool is_definition = false;  ///< has a body, or is a variable
  bool is_shared = false;
  std::string name;
};

bool is_sign(const Token& token, char sign) {
  return token.kind == Token::Kind::sign && token.text[0] == sign;
}

class Unit {
 public:
  explicit Unit(const LinkUnit& source) : source_(source), tokens_(tokenize(source.text)) {
    while (tokens_[position_].kind != Token::Kind::end) statements_.push_back(next());
  }

  const std::vector<TopLevel>& statements() const { return statements_; }

  [[noreturn]] void fail(const TopLevel& at, const std::string& message) const {
    throw PtxError(tokens_[at.first].line, message + " (" + source_.name + ")");
  }

  /// The text of a statement, with some of its names replaced.
  std::string text(const TopLevel& statement, const std::map<std::string, std::string, std::less<>>& renamed) const {
    const char* from = tokens_[statement.first].text.data();
    std::string result;
    for (std::size_t i = statement.first; i < statement.end; ++i) {
      const Token& token = tokens_[i];
      const auto found = token.kind == Token::Kind::word ? renamed.find(token.text) : renamed.end();
      if (found == renamed.end()) continue;
      result.append(from, token.text.data());
      result += found->second;
      from = token.text.data() + token.text.size();
    }
    const Token& last = tokens_[statement.end - 1];
    result.append(from, last.text.data() + last.text.size());
    return result;
  }

 private:
  const Token& at() const { return tokens_[position_]; }

  void to_end_of_line() {
    const std::uint32_t line = at().line;
    while (at().line == line && at().kind != Token::Kind::end) ++position_;
  }

  /// Behind the bracket that closes the one at hand.
  void skip_braces() {
    for (int depth = 0; at().kind != Token::Kind::end;) {
      if (is_sign(at(), '{')) ++depth;
      if (is_sign(at(), '}')) --depth;
      ++position_;
      if (depth == 0) return;
    }
  }

  TopLevel next() {
    TopLevel result;
    result.first = position_;
    for (;; ++position_) {
      if (at().is(".extern"))
        result.linkage = Linkage::external;
      else if (at().is(".weak") || at().is(".common"))
        result.linkage = Linkage::weak;
      else if (at().is(".visible"))
        result.linkage = Linkage::visible;
      else
        break;
    }
    const Token& kind = at();
    if (kind.kind == Token::Kind::end) throw PtxError(kind.line, "the text ends within a directive (" + source_.name + ")");
    result.is_header = kind.is(".version") || kind.is(".target") || kind.is(".address_size");
    if (result.is_header || kind.is(".file") || kind.is(".loc")) {
      to_end_of_line();
    } else if (kind.is(".section")) {
      while (!is_sign(at(), '{') && at().kind != Token::Kind::end) ++position_;
      skip_braces();
    } else if (kind.is(".func") || kind.is(".entry")) {
      function(result);
    } else {
      variable(result, kind.is(".global") || kind.is(".const") || kind.is(".shared"));
    }
    result.end = std::max(position_, result.first + 1);
    position_ = result.end;
    return result;
  }

  void function(TopLevel& result) {
    int depth = 0;
    for (++position_; at().kind != Token::Kind::end; ++position_) {
      if (is_sign(at(), '(')) ++depth;
      if (is_sign(at(), ')')) --depth;
      if (depth == 0 && at().kind == Token::Kind::word && result.name.empty()) result.name = at().text;
      if (is_sign(at(), '{')) {
        result.is_definition = true;
        return skip_braces();
      }
      // A prototype ends here; the pragma of a function that is still to come does not end it.
      if (is_sign(at(), ';') && tokens_[position_ - 1].kind != Token::Kind::string) {
        ++position_;
        return;
      }
    }
  }

  void variable(TopLevel& result, bool is_variable) {
    result.is_shared = at().is(".shared");
    result.is_definition = is_variable && result.linkage != Linkage::external;
    for (++position_; at().kind != Token::Kind::end && !is_sign(at(), ';'); ++position_)
      if (is_variable && at().kind == Token::Kind::word && result.name.empty()) result.name = at().text;
    if (at().kind != Token::Kind::end) ++position_;
  }

  const LinkUnit& source_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::vector<TopLevel> statements_;
};

class Linker {
 public:
  explicit Linker(const std::vector<LinkUnit>& units) {
    for (const LinkUnit& unit : units) units_.emplace_back(unit);
  }

  std::string run() {
    collect();
    std::string result = newest_header();
    for (std::size_t i = 0; i < units_.size(); ++i) append(i, result);
    return result;
  }

 private:
  struct Definition {
    std::size_t unit = 0;
    Linkage linkage = Linkage::local;
  };

  void collect() {
    for (std::size_t i = 0; i < units_.size(); ++i)
      for (const TopLevel& statement : units_[i].statements()) {
        if (!statement.is_definition || statement.linkage == Linkage::local) continue;
        const auto [known, is_new] = definitions_.try_emplace(statement.name, Definition{i, statement.linkage});
        if (is_new || statement.linkage == Linkage::weak) continue;
        if (known->second.linkage == Linkage::visible)
          units_[i].fail(statement, "'" + statement.name + "' is defined more than once");
        known->second = {i, statement.linkage};
      }
  }

  /// All texts are for one device: the newest version and target include the others.
  std::string newest_header() const {
    std::string result, best;
    for (const Unit& unit : units_) {
      std::string header;
      for (const TopLevel& statement : unit.statements())
        if (statement.is_header) header += unit.text(statement, {}) + "\n";
      const std::string key = header.substr(0, header.find("\n"));
      if (result.empty() || key.size() > best.size() || (key.size() == best.size() && key > best))
        result = header, best = key;
    }
    return result;
  }

  std::map<std::string, std::string, std::less<>> local_names(std::size_t index) const {
    std::map<std::string, std::string, std::less<>> renamed;
    for (const TopLevel& statement : units_[index].statements())
      if (statement.is_definition && statement.linkage == Linkage::local)
        renamed[statement.name] = statement.name + "$" + std::to_string(index);
    return renamed;
  }

  void append(std::size_t index, std::string& result) const {
    const Unit& unit = units_[index];
    const auto renamed = local_names(index);
    for (const TopLevel& statement : unit.statements()) {
      if (statement.is_header) continue;
      const auto definition = definitions_.find(statement.name);
      const bool is_elsewhere = definition != definitions_.end() && definition->second.unit != index;
      if (statement.is_definition && statement.linkage != Linkage::local && is_elsewhere) continue;
      if (statement.linkage == Linkage::external && !statement.is_shared) {
        if (definition == definitions_.end() && !is_of_the_system(statement.name))
          unit.fail(statement, "'" + statement.name + "' is defined nowhere");
        // What is defined needs no declaration, and a variable may have only one.
        if (definition != definitions_.end()) continue;
      }
      result += unit.text(statement, renamed) + "\n";
    }
  }

  /// Functions that every device has.
  static bool is_of_the_system(std::string_view name) {
    static const std::set<std::string_view> names = {"vprintf", "malloc", "free", "__assertfail"};
    return names.contains(name);
  }

  std::vector<Unit> units_;
  std::map<std::string, Definition, std::less<>> definitions_;
};

}  // namespace

std::string link(const std::vector<LinkUnit>& units) {
  return units.size() == 1 ? units[0].text : Linker(units).run();
}

}  // namespace halyard::simulator
