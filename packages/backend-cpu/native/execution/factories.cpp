#include "factories.h"

#include "../steps/attention.h"
#include "../steps/gather.h"
#include "../steps/map.h"
#include "../steps/matmul.h"
#include "../steps/normalize.h"
#include "../steps/reduce.h"
#include "../steps/scan.h"
#include "../steps/scatter.h"
#include "../steps/sort.h"

namespace halyard::cpu {

Factory factory_of(StepKind kind) {
  switch (kind) {
    case StepKind::map:
      return make_map;
    case StepKind::reduce:
      return make_reduce;
    case StepKind::normalize:
      return make_normalize;
    case StepKind::matmul:
      return make_matmul;
    case StepKind::attention:
      return make_attention;
    case StepKind::gather:
      return make_gather;
    case StepKind::scatter:
      return make_scatter;
    case StepKind::scan:
      return make_scan;
    case StepKind::sort:
      return make_sort;
    case StepKind::other:
      break;
  }
  return nullptr;
}

}  // namespace halyard::cpu
