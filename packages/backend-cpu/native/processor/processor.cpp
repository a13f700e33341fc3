#include "processor.h"

#include "system.h"

namespace halyard::cpu {
namespace {

Processor examine() {
  Processor processor;
  processor.level = detect_level();
  describe_system(processor);
  if (processor.name.empty()) processor.name = "CPU";
  return processor;
}

}  // namespace

const Processor& this_processor() {
  static const Processor processor = examine();
  return processor;
}

}  // namespace halyard::cpu
