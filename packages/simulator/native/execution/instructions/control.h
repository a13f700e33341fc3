#pragma once

#include "../warp.h"

namespace halyard::simulator::control {

void jump(Warp& warp, const MicroOp& op);
void branch(Warp& warp, const MicroOp& op);
void branch_indexed(Warp& warp, const MicroOp& op);
/// Stands where lanes that parted meet again.
void reconverge(Warp& warp, const MicroOp& op);
void exit(Warp& warp, const MicroOp& op);
void return_from_call(Warp& warp, const MicroOp& op);
/// All lanes of the innermost call have come back. False if none of the caller's lanes is alive.
bool finish_call(Warp& warp);

}  // namespace halyard::simulator::control
