#pragma once

namespace halyard::simulator {

class Emitter;

/// One function per opcode; opcodes.cpp has the table.
namespace decoders {

// control.cpp
void ret(Emitter&);
void exit(Emitter&);
void trap(Emitter&);
void call(Emitter&);
void no_effect(Emitter&);
void fence(Emitter&);
void nanosleep(Emitter&);
// integer.cpp
void add(Emitter&);
void sub(Emitter&);
void mul(Emitter&);
void mad(Emitter&);
void addc(Emitter&);
void subc(Emitter&);
void madc(Emitter&);
void div(Emitter&);
void rem(Emitter&);
void min(Emitter&);
void max(Emitter&);
void abs(Emitter&);
void neg(Emitter&);
void mul24(Emitter&);
void sad(Emitter&);
void dp4a(Emitter&);
void dp2a(Emitter&);
// bits.cpp
void logic_and(Emitter&);
void logic_or(Emitter&);
void logic_xor(Emitter&);
void logic_not(Emitter&);
void shl(Emitter&);
void shr(Emitter&);
void shf(Emitter&);
void lop3(Emitter&);
void prmt(Emitter&);
void bfe(Emitter&);
void bfi(Emitter&);
void popc(Emitter&);
void clz(Emitter&);
void brev(Emitter&);
void bfind(Emitter&);
void bmsk(Emitter&);
// float.cpp (called by those of integer.cpp for types f32 and f64)
void fma(Emitter&);
bool float_add(Emitter&);
bool float_sub(Emitter&);
bool float_mul(Emitter&);
bool float_div(Emitter&);
bool float_min(Emitter&);
bool float_max(Emitter&);
bool float_abs(Emitter&);
bool float_neg(Emitter&);
void copysign(Emitter&);
void testp(Emitter&);
// special_functions.cpp
void rcp(Emitter&);
void sqrt(Emitter&);
void rsqrt(Emitter&);
void ex2(Emitter&);
void lg2(Emitter&);
void sin(Emitter&);
void cos(Emitter&);
void tanh(Emitter&);
// half.cpp: false if the type is none of f16, bf16 and their pairs
bool half_binary(Emitter&);
bool half_unary(Emitter&);
bool half_fma(Emitter&);
bool half_special(Emitter&);
bool half_compare(Emitter&);
// compare.cpp
void setp(Emitter&);
void set(Emitter&);
void selp(Emitter&);
void slct(Emitter&);
// conversion.cpp
void cvt(Emitter&);
// move.cpp
void mov(Emitter&);
void cvta(Emitter&);
void isspacep(Emitter&);
// memory.cpp
void ld(Emitter&);
void st(Emitter&);
// atomic.cpp
void atom(Emitter&);
void red(Emitter&);
// exchange.cpp
void shfl(Emitter&);
void vote(Emitter&);
void match(Emitter&);
void redux(Emitter&);
void activemask(Emitter&);
void elect(Emitter&);
// barrier.cpp
void bar(Emitter&);
// memory_barrier.cpp
void mbarrier(Emitter&);
void copy_arrival(Emitter&);  // called by that of copy.cpp
// asynchronous_store.cpp
void asynchronous_store(Emitter&);
// cluster.cpp
void cluster_barrier(Emitter&);
void mapa(Emitter&);
void getctarank(Emitter&);
// copy.cpp
void cp(Emitter&);
// bulk_copy.cpp, tile_copy.cpp (called by that of copy.cpp)
void bulk_copy(Emitter&);
void tile_copy(Emitter&);
// matrix_load.cpp
void ldmatrix(Emitter&);
void stmatrix(Emitter&);
// mma.cpp, wmma.cpp
void mma(Emitter&);
void mma_quad_pairs(Emitter&);
void wmma(Emitter&);
// wgmma.cpp
void wgmma(Emitter&);

}  // namespace decoders
}  // namespace halyard::simulator
