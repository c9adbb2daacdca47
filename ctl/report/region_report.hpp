// The region of a node as mooringctl shows it: lines for people, JSON for machines. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mooring/region_file/region_state.hpp"

namespace mooring::ctl {

// What sessiond says of itself.
struct followed_facts {
  std::string region;  // the published one, as it has seen it
  std::string epoch;   // of the state that it has seen; empty: it watches none
  bool bridging = false;
  std::string in_use;  // where sessions are; empty: there is one region only
};

struct region_facts {
  region_state published;
  std::optional<followed_facts> sessiond;
  std::string sessiond_failure;       // why it is not known
  std::vector<std::string> warnings;  // of the sidecar
  std::string sidecar_failure;        // why they are not known
  std::int64_t now_ms = 0;
};

// What an operator should know: the sidecar's warnings, a daemon that does not answer, and that sessiond follows
// another region than the published one.
std::vector<std::string> warnings_of(const region_facts& facts);

std::string text_of(const region_facts& facts);
std::string json_of(const region_facts& facts);  // one line, without line end

}  // namespace mooring::ctl
