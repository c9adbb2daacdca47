// Drills: when a region may be made to count as failed, and when that is over. Pure.
#pragma once

#include <optional>
#include <string>

#include "failover_decision.hpp"
#include "machine_event.hpp"

namespace mooring::sidecar {

struct running_drill {
  region_rank region = region_rank::primary;
  steady_time begun{};
  moment until;
};

// Why `wanted` may not begin: it must neither meet a failure, nor use up what one would need. `running`: null when no
// drill runs.
std::optional<std::string> objection_to_drill(const drill_request& wanted, const failover_facts& facts,
                                              const running_drill* running, steady_time now);

// Its time is over, a region is pinned, or the other region or this node's network is in doubt.
bool drill_is_over(const running_drill& drill, const failover_facts& facts, steady_time now);

}  // namespace mooring::sidecar
