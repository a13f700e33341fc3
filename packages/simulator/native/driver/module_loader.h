#pragma once

#include <memory>
#include <string>

#include "call.h"

namespace halyard::simulator {

/// PTX that this driver takes. Throws the result for an image that it does not.
std::shared_ptr<const Module> parse_image(Call& call, const char* image, CompilerLog& log);
std::shared_ptr<ModuleObject> load_module(Call& call, std::shared_ptr<const Module> module,
                                          const std::shared_ptr<Context>& context, CompilerLog& log);
/// Throws CUDA_ERROR_NOT_FOUND.
std::shared_ptr<Function> find_function(Call& call, const std::shared_ptr<ModuleObject>& module,
                                        const std::string& name);
std::string read_file(const char* path);
int attribute_of(const Function& function, CUfunction_attribute attribute);
void set_attribute(Function& function, CUfunction_attribute attribute, int value);

}  // namespace halyard::simulator
