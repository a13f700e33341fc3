#include "trace_report.h"

namespace halyard::simulator {
namespace {

template <class T>
void write_list(JsonWriter& json, const char* name, const std::vector<T>& values) {
  json.name(name).begin('[');
  for (const T value : values) json.value(static_cast<std::uint64_t>(value));
  json.end(']');
}

void write_instruction(JsonWriter& json, const TracedInstruction& instruction) {
  json.begin('{').member("line", instruction.line).member("opcode", instruction.opcode);
  json.member("class", name_of(instruction.instruction_class));
  write_list(json, "defines", instruction.defines);
  write_list(json, "uses", instruction.uses);
  json.member("bytes", instruction.bytes).member("multiplyAdds", instruction.multiply_adds);
  json.member("matrixType", name_of_matrix_type(instruction.matrix_type)).end('}');
}

void write_warp(JsonWriter& json, const WarpTrace& warp) {
  json.begin('{').member("block", warp.block).member("warp", warp.warp).member("isComplete", warp.is_complete);
  write_list(json, "instructions", warp.instructions);
  write_list(json, "lanes", warp.lanes);
  write_list(json, "sectors", warp.sectors);
  write_list(json, "multicasts", warp.multicasts);
  write_list(json, "wavefronts", warp.wavefronts);
  write_list(json, "details", warp.details);
  json.end('}');
}

}  // namespace

void write_trace(JsonWriter& json, const Trace& trace) {
  json.begin('{').name("instructions").begin('[');
  for (const TracedInstruction& instruction : trace.instructions) write_instruction(json, instruction);
  json.end(']').name("warps").begin('[');
  for (const WarpTrace& warp : trace.warps) write_warp(json, warp);
  json.end(']').end('}');
}

}  // namespace halyard::simulator
