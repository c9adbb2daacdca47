#include "region_drill.hpp"

#include "mooring/base/duration_text.hpp"

namespace mooring::sidecar {
namespace {

std::optional<std::string> objection_to_region(region_rank rank, const failover_facts& facts, steady_time now) {
  const region_evidence& drilled = facts.of(rank);
  const region_evidence& standby = facts.of(other(rank));
  if (standby.health() != region_health::up || standby.no_route())
    return facts.name(other(rank)) + " could not take over: " + weakness(standby);
  if (drilled.health() != region_health::up)
    return facts.name(rank) + " is " + std::string(name_of(drilled.health())) + " without a drill";
  if (facts.control.in_doubt()) return "the control probe (region.control) does not answer, so nothing would move";
  if (rank != facts.active) return std::nullopt;
  if (facts.ledger.free_to_leave() > now)
    return facts.name(rank) + " is not left within " + format_duration(facts.rules.min_dwell) +
           " of a move (region.min_dwell); try again later";
  if (facts.ledger.room_for(2, now) > now)
    return "a drill leaves a move for a failure, and this hour has none to spare (region.max_moves_per_hour = " +
           std::to_string(facts.rules.max_moves_per_hour) + "); try again later";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> objection_to_drill(const drill_request& wanted, const failover_facts& facts,
                                              const running_drill* running, steady_time now) {
  const region_settings& rules = facts.rules;
  if (facts.secondary == nullptr)
    return "there is no other region to move to: set region.secondary, with region.policy = \"follow\"";
  const auto rank = rank_named(rules, wanted.region);
  if (!rank) return "\"" + wanted.region + "\" is not configured; drill " + rules.primary + " or " + rules.secondary;
  if (wanted.ttl <= milliseconds(0) || wanted.ttl > longest_drill)
    return "a drill lasts from 1ms to " + format_duration(longest_drill) + "; " + format_duration(wanted.ttl) +
           " is out of range";
  if (facts.pinned) return facts.name(*facts.pinned) + " is pinned, so nothing would move; unpin first";
  if (running != nullptr)
    return "a drill of " + facts.name(running->region) + " runs already; it can be ended with undrill";
  return objection_to_region(*rank, facts, now);
}

bool drill_is_over(const running_drill& drill, const failover_facts& facts, steady_time now) {
  const region_evidence& standby = facts.of(other(drill.region));
  const bool in_doubt = standby.health() != region_health::up || standby.no_route() || facts.control.failing();
  return drill.until.steady <= now || facts.pinned || in_doubt;
}

}  // namespace mooring::sidecar
