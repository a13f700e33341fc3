#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halyard::simulator {

/// One text of PTX, and what to call it when something is wrong with it.
struct LinkUnit {
  std::string name;
  std::string text;
};

/// Several texts of PTX as one, with the rules of linkage of the description of PTX ("Linking Directives"): what is
/// neither `.visible` nor `.weak` stays its own text's, `.extern` stands for another's, and of several `.weak` ones the
/// first is taken. A single text comes back as it is. Throws PtxError for a name that nobody or more than one defines.
std::string link(const std::vector<LinkUnit>& units);

}  // namespace halyard::simulator
