#pragma once

#include <string>

namespace halyard {

/// What `GetLastError` gave, in the system's words and as a number: `The specified module could not be found. (126)`.
std::string windows_error_text(unsigned long error);

}  // namespace halyard
