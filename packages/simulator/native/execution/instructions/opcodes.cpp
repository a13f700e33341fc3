#include <map>

#include "../../ptx/emitter.h"
#include "decoders.h"

namespace halyard::simulator {
namespace {

const std::map<std::string_view, Decoder>& table() {
  using namespace decoders;
  static const std::map<std::string_view, Decoder> decoders = {{"abs", abs},
                                                               {"activemask", activemask},
                                                               {"add", add},
                                                               {"addc", addc},
                                                               {"and", logic_and},
                                                               {"applypriority", no_effect},
                                                               {"atom", atom},
                                                               {"bar", bar},
                                                               {"barrier", bar},
                                                               {"bfe", bfe},
                                                               {"bfi", bfi},
                                                               {"bfind", bfind},
                                                               {"bmsk", bmsk},
                                                               {"brev", brev},
                                                               {"call", call},
                                                               {"clz", clz},
                                                               {"copysign", copysign},
                                                               {"cos", decoders::cos},
                                                               {"cp", cp},
                                                               {"cvt", cvt},
                                                               {"cvta", cvta},
                                                               {"discard", no_effect},
                                                               {"div", div},
                                                               {"dp2a", dp2a},
                                                               {"dp4a", dp4a},
                                                               {"elect", elect},
                                                               {"ex2", ex2},
                                                               {"exit", exit},
                                                               {"fence", fence},
                                                               {"fma", fma},
                                                               {"getctarank", getctarank},
                                                               {"griddepcontrol", no_effect},
                                                               {"isspacep", isspacep},
                                                               {"ld", ld},
                                                               {"ldmatrix", ldmatrix},
                                                               {"ldu", ld},
                                                               {"lg2", lg2},
                                                               {"lop3", lop3},
                                                               {"mad", mad},
                                                               {"madc", madc},
                                                               {"mapa", mapa},
                                                               {"match", match},
                                                               {"max", decoders::max},
                                                               {"mbarrier", mbarrier},
                                                               {"membar", fence},
                                                               {"min", decoders::min},
                                                               {"mma", mma},
                                                               {"mov", mov},
                                                               {"mul", mul},
                                                               {"mul24", mul24},
                                                               {"nanosleep", nanosleep},
                                                               {"neg", neg},
                                                               {"not", logic_not},
                                                               {"or", logic_or},
                                                               {"pmevent", no_effect},
                                                               {"popc", popc},
                                                               {"prefetch", no_effect},
                                                               {"prefetchu", no_effect},
                                                               {"prmt", prmt},
                                                               {"rcp", rcp},
                                                               {"red", red},
                                                               {"redux", redux},
                                                               {"rem", rem},
                                                               {"ret", ret},
                                                               {"rsqrt", rsqrt},
                                                               {"sad", sad},
                                                               {"selp", selp},
                                                               {"set", set},
                                                               {"setmaxnreg", no_effect},
                                                               {"setp", setp},
                                                               {"shf", shf},
                                                               {"shfl", shfl},
                                                               {"shl", shl},
                                                               {"shr", shr},
                                                               {"sin", decoders::sin},
                                                               {"slct", slct},
                                                               {"sqrt", decoders::sqrt},
                                                               {"st", st},
                                                               {"stmatrix", stmatrix},
                                                               {"sub", sub},
                                                               {"subc", subc},
                                                               {"tanh", decoders::tanh},
                                                               {"testp", testp},
                                                               {"trap", trap},
                                                               {"vote", vote},
                                                               {"wgmma", wgmma},
                                                               {"wmma", wmma},
                                                               {"xor", logic_xor}};
  return decoders;
}

}  // namespace

Decoder find_decoder(std::string_view opcode) {
  const auto found = table().find(opcode);
  return found == table().end() ? nullptr : found->second;
}

std::vector<std::string_view> known_opcodes() {
  std::vector<std::string_view> names;
  for (const auto& [name, decoder] : table()) names.push_back(name);
  return names;
}

}  // namespace halyard::simulator
