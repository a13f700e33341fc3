#include "factories.h"

#include "../steps/attention.h"
#include "../steps/map.h"
#include "../steps/matmul.h"

namespace halyard::cpu {

Factory factory_of(StepKind kind) {
  switch (kind) {
    case StepKind::map:
      return make_map;
    case StepKind::matmul:
      return make_matmul;
    case StepKind::attention:
      return make_attention;
    default:
      return nullptr;
  }
}

}  // namespace halyard::cpu
