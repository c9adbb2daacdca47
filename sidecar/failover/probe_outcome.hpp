// What one probe of one region found, in the only terms that may decide about a region.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mooring/base/clock.hpp"
#include "mooring/base/error.hpp"

namespace mooring::sidecar {

enum class region_rank : std::size_t { primary, secondary };

constexpr region_rank other(region_rank rank) {
  return rank == region_rank::primary ? region_rank::secondary : region_rank::primary;
}

enum class probe_class {
  ok,
  regional,  // DNS, connect, TLS, timeout, HTTP 500 to 504: the only class that may ever move a region
  throttle,  // it answers, and asks for less load; another region would not help
  config,    // credentials, table or request; also answers that make no sense
  clock,     // it refuses this node's clock
  local,     // this node has no route: says nothing about the region
};

std::string_view name_of(probe_class found);

// The class of a failed probe. errc::cancelled is no outcome; do not ask for its class.
probe_class probe_class_of(errc code);

enum class connection_kind {
  kept_alive,  // over a connection of an earlier probe, when there was one
  fresh,       // new name look-up, TCP and TLS
};

struct probe_outcome {
  region_rank region = region_rank::primary;
  probe_class found = probe_class::ok;
  connection_kind connection = connection_kind::kept_alive;
  steady_time begun{};  // it is over when it is given to the machine
  std::string reason;   // of a failed one, a sentence for people
};

// The control probe asks something on the internet that has nothing to do with the regions: is this node's own network
// fine?
struct control_outcome {
  bool ok = true;
  steady_time begun{};
  std::string reason;
};

}  // namespace mooring::sidecar
