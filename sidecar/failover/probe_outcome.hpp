// What one probe of one region found, in the only terms that may decide about a region.
#pragma once

#include <cstddef>
#include <string>

#include "mooring/base/clock.hpp"
#include "sidecar/health/outcome.hpp"

namespace mooring::sidecar {

enum class region_rank : std::size_t { primary, secondary };

constexpr region_rank other(region_rank rank) {
  return rank == region_rank::primary ? region_rank::secondary : region_rank::primary;
}

// Only this may ever move a region: name look-up, connect, TLS, time out, HTTP 500 to 504. What it answers, be it to
// refuse, is no fault of the region that a move would cure, and a node without a route knows nothing about it.
constexpr bool is_region_fault(failure_class found) {
  return found == failure_class::down || found == failure_class::timed_out;
}

enum class connection_kind {
  kept_alive,  // over a connection of an earlier probe, when there was one
  fresh,       // new name look-up, TCP and TLS
};

struct probe_outcome {
  region_rank region = region_rank::primary;
  failure_class found = failure_class::none;
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
