#pragma once

#include <cstdint>
#include <string>

namespace halyard::simulator {

/// What a program did wrong. The names that reports use are those of `name_of`.
enum class FindingKind : std::uint8_t {
  out_of_bounds,           ///< an access outside every allocation, or across the end of one
  no_peer_access,          ///< an access to memory of another device that this one was not let into
  use_after_free,          ///< an access to an allocation that was freed
  misaligned_access,       ///< an address that is no multiple of the access's size
  write_to_constant,       ///< a store into constant memory or parameters
  uninitialized_read,      ///< a read of global or shared memory that nobody has written
  shared_memory_race,      ///< two warps at the same shared bytes with no barrier between, one of them writing
  copy_not_waited_for,     ///< a read of shared memory while the asynchronous copy that fills it was not waited for
  overwritten_in_flight,   ///< a write over shared memory that an asynchronous product or copy still reads
  product_not_waited_for,  ///< a use of the registers of an asynchronous product that was not waited for
  missing_product_fence,   ///< a product behind changes of its registers, with no wgmma.fence between
  missing_proxy_fence,     ///< an asynchronous read of shared memory that ordinary stores wrote, with no fence between
  block_not_running,       ///< shared memory of a block of the cluster that may not have begun, or may have ended
  transaction_overflow,    ///< more bytes on an mbarrier than it can count
  divergent_barrier,       ///< a barrier that only some lanes of a warp reach, or with a wrong number of threads
  barrier_deadlock,        ///< warps that wait for ever for a barrier, an mbarrier or a flag
  hang,                    ///< the limit of instructions or of time was reached
  trap,                    ///< `trap` was executed
  assertion_failed,        ///< a device-side assertion
  stack_overflow,          ///< calls nested too deeply
  invalid_instruction,     ///< operands that the instruction does not allow
};

const char* name_of(FindingKind kind);

/// One fault, at the first place where it was seen; further threads at the same instruction only count.
struct Finding {
  FindingKind kind = FindingKind::trap;
  bool is_error = true;  ///< ends the launch on hardware; otherwise the result is merely not to be relied upon
  std::string kernel;
  std::uint32_t line = 0;   ///< of the PTX text, from 1
  std::string instruction;  ///< that line
  std::string source;       ///< "file:line" of the source if the PTX has line information
  std::uint32_t block[3] = {0, 0, 0};
  std::uint32_t thread[3] = {0, 0, 0};
  std::uint64_t address = 0;  ///< offset in shared memory, or device address
  std::uint32_t bytes = 0;
  std::uint64_t count = 1;  ///< lanes that did the same
  std::string explanation;
};

}  // namespace halyard::simulator
