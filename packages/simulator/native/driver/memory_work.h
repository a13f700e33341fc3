#pragma once

#include <memory>
#include <string>
#include <vector>

#include "state.h"

namespace halyard::simulator {

/// One side of a copy: host memory, or an address of a device.
struct Endpoint {
  std::uint64_t address = 0;
  std::shared_ptr<AddressSpace> space;  ///< null: the host
  bool is_pinned = false;               ///< host memory that the driver knows

  /// What an address that programs give means under unified addressing. Throws CUDA_ERROR_INVALID_VALUE.
  static Endpoint of(Driver& driver, std::uint64_t address);
  static Endpoint of_host(Driver& driver, const void* memory);
  bool is_pageable() const { return !space && !is_pinned; }
};

/// A box of bytes, as CUDA_MEMCPY3D says it: rows of `width`, `height` rows in a slice.
struct CopyShape {
  std::uint64_t width = 0;
  std::uint64_t height = 1;
  std::uint64_t depth = 1;
  std::uint64_t source_pitch = 0;
  std::uint64_t source_slice = 0;
  std::uint64_t destination_pitch = 0;
  std::uint64_t destination_slice = 0;
};

class CopyWork : public Work {
 public:
  /// Throws CUDA_ERROR_INVALID_VALUE, after it said so in the report, if either side is not there.
  CopyWork(Driver& driver, int device, Endpoint destination, Endpoint source, const CopyShape& shape);

  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_MEMCPY; }
  CUresult run(Execution& execution) const override;
  std::string describe() const override;
  /// Takes what pageable memory holds now, so that the caller may reuse it.
  void stage();
  const Endpoint& source() const { return source_; }
  const Endpoint& destination() const { return destination_; }
  CUDA_MEMCPY3D parameters() const;

 private:
  template <typename Visit>
  bool each_row(Visit visit) const;

  Endpoint destination_;
  Endpoint source_;
  CopyShape shape_;
  bool is_between_devices_;
  bool is_direct_;  ///< between devices: whether the one that copies was let into the other's memory
  std::vector<std::byte> staged_;
};

class FillWork : public Work {
 public:
  FillWork(Driver& driver, int device, const CUDA_MEMSET_NODE_PARAMS& parameters);

  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_MEMSET; }
  CUresult run(Execution& execution) const override;
  std::string describe() const override { return "a fill"; }
  const CUDA_MEMSET_NODE_PARAMS& parameters() const { return parameters_; }

 private:
  CUDA_MEMSET_NODE_PARAMS parameters_;
  Endpoint destination_;
};

class HostWork : public Work {
 public:
  explicit HostWork(CUDA_HOST_NODE_PARAMS parameters) : parameters_(parameters) {}
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_HOST; }
  CUresult run(Execution&) const override {
    parameters_.fn(parameters_.userData);
    return CUDA_SUCCESS;
  }
  std::string describe() const override { return "a call of the host"; }
  const CUDA_HOST_NODE_PARAMS& parameters() const { return parameters_; }

 private:
  CUDA_HOST_NODE_PARAMS parameters_;
};

/// Memory that comes into being, or is given back, in the order of a stream or of a graph.
class LifetimeWork : public Work {
 public:
  LifetimeWork(std::uint64_t address, std::uint64_t bytes, bool frees)
      : address_(address), bytes_(bytes), frees_(frees) {}
  CUgraphNodeType type() const override {
    return frees_ ? CU_GRAPH_NODE_TYPE_MEM_FREE : CU_GRAPH_NODE_TYPE_MEM_ALLOC;
  }
  CUresult run(Execution& execution) const override;
  std::string describe() const override { return frees_ ? "a stream-ordered free" : "a stream-ordered allocation"; }
  std::uint64_t address() const { return address_; }
  std::uint64_t bytes() const { return bytes_; }
  bool frees() const { return frees_; }

 private:
  std::uint64_t address_;
  std::uint64_t bytes_;
  bool frees_;
};

}  // namespace halyard::simulator
