// What the failing check of a region does to a node that may use either of two regions.
//
// Nothing, while there is a region left: sessiond uses the other one, so both checks only warn. While none is left, the
// check of the region in use counts as it is configured: also with a pin, and when the node's own network may be the
// reason, as the node serves nobody then. Pure.
#pragma once

#include <algorithm>
#include <vector>

#include "verdict.hpp"

namespace mooring::sidecar {

// `checks`: the states of the regions' checks; `in_use`: the number of the one in use among them; `both_down`: the
// failover machine says so. None is left as well when all checks are down.
inline std::vector<on_failure> region_consequences(const std::vector<check_state>& checks, std::size_t in_use,
                                                   bool both_down, on_failure configured) {
  const bool all_down =
      std::all_of(checks.begin(), checks.end(), [](check_state state) { return state == check_state::down; });
  std::vector<on_failure> out(checks.size(), on_failure::warn);
  if (both_down || all_down) out.at(in_use) = configured;
  return out;
}

}  // namespace mooring::sidecar
