// Drills of the failover machine: when one may begin, and when it is over.
#include "failover_machine.hpp"
#include "mooring/base/duration_text.hpp"

namespace mooring::sidecar {

std::optional<std::string> failover_machine::drill(const drill_request& wanted, moment now) {
  if (!secondary_) return "there is no other region to move to: set region.secondary, with region.policy = \"follow\"";
  const auto rank = rank_named(wanted.region);
  if (!rank) return "\"" + wanted.region + "\" is not configured; drill " + rules_.primary + " or " + rules_.secondary;
  if (wanted.ttl <= milliseconds(0) || wanted.ttl > longest_drill)
    return "a drill lasts from 1ms to " + format_duration(longest_drill) + "; " + format_duration(wanted.ttl) +
           " is out of range";
  if (auto objection = objection_to_drill(*rank, now)) return objection;
  running_drill made;
  made.region = *rank;
  made.begun = now.steady;
  made.until.steady = now.steady + wanted.ttl;
  made.until.wall = now.wall + wanted.ttl;
  drill_ = made;
  // It fails from this moment on, so that nothing moves to it before its next probe.
  probe_outcome first;
  first.region = *rank;
  first.begun = now.steady;
  record(first, now);
  return std::nullopt;
}

// It must neither meet a failure, nor use up what one would need.
std::optional<std::string> failover_machine::objection_to_drill(region_rank rank, moment now) const {
  if (memory_.pin) return memory_.pin->region + " is pinned, so nothing would move; unpin first";
  if (drill_) return "a drill of " + name_of_region(drill_->region) + " runs already; it can be ended with undrill";
  const failover_facts known = facts();
  const region_evidence& drilled = known.of(rank);
  const region_evidence& standby = known.of(other(rank));
  if (standby.health() != region_health::up || standby.no_route())
    return name_of_region(other(rank)) + " could not take over: " + weakness(standby);
  if (drilled.health() != region_health::up)
    return name_of_region(rank) + " is " + std::string(name_of(drilled.health())) + " without a drill";
  if (control_.in_doubt()) return "the control probe (region.control) does not answer, so nothing would move";
  if (rank != known.active) return std::nullopt;
  if (ledger_.free_to_leave() > now.steady)
    return name_of_region(rank) + " is not left within " + format_duration(rules_.min_dwell) +
           " of a move (region.min_dwell); try again later";
  if (ledger_.room_for(2, now.steady) > now.steady)
    return "a drill leaves a move for a failure, and this hour has none to spare (region.max_moves_per_hour = " +
           std::to_string(rules_.max_moves_per_hour) + "); try again later";
  return std::nullopt;
}

std::optional<std::string> failover_machine::undrill(moment now) {
  if (!drill_) return "no drill runs";
  end_drill(now);
  return std::nullopt;
}

void failover_machine::end_drill_when_due(moment now) {
  if (!drill_) return;
  const region_evidence& standby = evidence_of(other(drill_->region));
  const bool in_doubt = standby.health() != region_health::up || standby.no_route() || control_.failing();
  if (drill_->until.steady <= now.steady || memory_.pin || in_doubt) end_drill(now);
}

void failover_machine::end_drill(moment now) {
  evidence_of(drill_->region).forget(now.steady);
  drill_.reset();
}

}  // namespace mooring::sidecar
