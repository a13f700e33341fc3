#include "product_registers.h"

#include "../execution/warp.h"
#include "../execution/worker.h"
#include "emitter.h"

namespace halyard::simulator {

bool is_plain_move(const Statement& statement) {
  return statement.parts[0] == "mov" && statement.operands.size() == 2 &&
         statement.operands[0].kind == Operand::Kind::reg && statement.operands[1].kind == Operand::Kind::reg;
}

std::vector<bool> registers_of_products(const FunctionSyntax& function) {
  std::vector<bool> result(function.registers.size(), false);
  bool any = false;
  for (const Statement& statement : function.statements)
    if (statement.parts[0] == "wgmma" && statement.has("mma_async") && !statement.operands.empty())
      for (const Operand& d : statement.operands[0].elements)
        if (d.kind == Operand::Kind::reg) result[static_cast<std::size_t>(d.reg)] = any = true;
  for (bool changed = any; changed;) {
    changed = false;
    for (const Statement& statement : function.statements) {
      if (!is_plain_move(statement)) continue;
      const auto to = static_cast<std::size_t>(statement.operands[0].reg),
                 from = static_cast<std::size_t>(statement.operands[1].reg);
      if (result[from] && !result[to]) result[to] = changed = true;
    }
  }
  return result;
}

namespace {

// list: registers that the instruction behind uses; op.flags: 1 it changes one of them.
void check_products(Warp& w, const MicroOp& op) {
  if (op.flags & 1) w.products.is_fenced = false;
  const std::uint32_t* list = w.list(op);
  for (std::uint32_t i = 0; i < op.list_size; ++i) {
    if (!w.products.is_in_flight(list[i])) continue;
    w.worker->report(w, op, FindingKind::product_not_waited_for, std::countr_zero(w.mask), 0, 4,
                     "a use of a register that an asynchronous product writes, which has not been waited for");
    return;
  }
}

void move_product(Warp& w, const MicroOp& op) {
  w.products.move(op.d, op.a);
}

void forget_product(Warp& w, const MicroOp& op) {
  w.products.forget(op.d);
}

}  // namespace

/// Puts a check before an instruction that uses what a product may still be writing.
void Emitter::watch_products() {
  const std::string_view name = statement_->parts[0];
  if (name == "wgmma" || name == "mov") return;
  std::vector<std::uint32_t> list;
  bool changes = false;
  visit_registers(*statement_, [&](std::int32_t reg, bool is_definition) {
    if (!of_products_[static_cast<std::size_t>(reg)]) return;
    list.push_back(assignment_.slots[static_cast<std::size_t>(reg)]);
    changes = changes || is_definition;
  });
  if (list.empty()) return;
  MicroOp& op = emit(check_products, uncounted);
  op.list = add_list(list);
  op.list_size = static_cast<std::uint16_t>(list.size());
  op.flags = changes;
}

void Emitter::follow_products() {
  if (statement_->parts[0] != "mov" || statement_->operands[0].kind != Operand::Kind::reg) return;
  const auto to = static_cast<std::size_t>(statement_->operands[0].reg);
  if (!of_products_[to]) return;
  const bool copies = is_plain_move(*statement_) && width(statement_->operands[0]) == width(statement_->operands[1]);
  const std::uint32_t d = assignment_.slots[to],
                      a = copies ? assignment_.slots[static_cast<std::size_t>(statement_->operands[1].reg)] : 0;
  MicroOp& op = emit(copies ? move_product : forget_product, uncounted);
  op.d = d, op.a = a;
}

}  // namespace halyard::simulator
