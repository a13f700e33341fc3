#pragma once

// What the stand-in for cuBLASLt hands to its kernel. Read by the host's compiler and by NVRTC: no includes.

struct StandinMatrix {
  unsigned long long address;
  int type;  // cudaDataType
  int is_transposed;
  long long leading;
  long long batch_stride;
};

struct StandinProblem {
  long long rows;
  long long columns;
  long long depth;
  long long batches;
  StandinMatrix a;
  StandinMatrix b;
  StandinMatrix d;
  unsigned long long bias;  // 0: none
};
