// Which region a node should use, given all that is known: the rules of failover in one pure function.
//
//   1. a pin wins over everything
//   2. the region in use fails, and so does the control probe, or there is no route: frozen
//   3. the region in use is down: leave it, if the other one is up, moves are left, min_dwell is over, and both the
//      other region and the control probe have answered since the last failure began; else stay and say why
//   4. the region in use fails: suspect
//   5. the secondary is in use and the primary has been well for failback_hold: move back, if that is wanted
//   6. stay
#pragma once

#include <optional>
#include <string>

#include "control_watch.hpp"
#include "move_ledger.hpp"
#include "region_evidence.hpp"

namespace mooring::sidecar {

enum class decision_cause {
  in_use,           // the region in use answers, or nothing is known against it
  failures,         // it fails, and not long enough yet
  confirming,       // it is down; before it is left, all other probes have to be answered while it fails
  dwelling,         // it is down, and was moved to too recently
  no_other_region,  // it is down, and no secondary is configured
  other_unhealthy,  // it is down, and the other region cannot take over
  local_doubt,      // it fails, and this node's own network may be the reason
  too_many_moves,   // it is down, and max_moves_per_hour is reached
  failing_over,     // it is down, and left
  pinned,           // an operator chose
  holding,          // the primary is well again, and not for failback_hold
  failback_manual,  // the primary is well again, and a person has to move back
  failback_waits,   // the primary is well again, but min_dwell or the moves of this hour forbid to go back now
  failing_back,     // the primary has been well for failback_hold, and is used again
};

struct decision {
  region_mode mode = region_mode::primary;
  region_rank active = region_rank::primary;
  decision_cause cause = decision_cause::in_use;
  std::optional<steady_time> look_again;  // when time alone may change it
};

// Nothing when no region of that name is configured.
std::optional<region_rank> rank_named(const region_settings& rules, const std::string& name);

inline const std::string& name_in(const region_settings& rules, region_rank rank) {
  return rank == region_rank::primary ? rules.primary : rules.secondary;
}

// References: made for one call.
struct failover_facts {
  const region_settings& rules;
  region_rank active;
  std::optional<region_rank> pinned;
  const region_evidence& primary;
  const region_evidence* secondary;  // null: one region
  const control_watch& control;
  const move_ledger& ledger;

  const region_evidence& of(region_rank rank) const { return rank == region_rank::primary ? primary : *secondary; }
  const std::string& name(region_rank rank) const { return name_in(rules, rank); }
};

// The region in use fails, and it cannot be told whether it is to blame.
bool local_doubt(const failover_facts& facts);

decision decide(const failover_facts& facts, steady_time now);

// What keeps a region that should take over from doing so.
std::string weakness(const region_evidence& target);

// One sentence for people on why `made` was decided. Pins have their operator's reason instead.
std::string reason_for(const decision& made, const failover_facts& facts);

}  // namespace mooring::sidecar
