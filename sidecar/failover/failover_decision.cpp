#include "failover_decision.hpp"

#include <algorithm>

namespace mooring::sidecar {
namespace {

region_mode settled_mode(region_rank active) {
  return active == region_rank::primary ? region_mode::primary : region_mode::secondary;
}

decision stay(const failover_facts& facts, region_mode mode, decision_cause cause) {
  decision out;
  out.mode = mode;
  out.active = facts.active;
  out.cause = cause;
  return out;
}

decision stay_until(const failover_facts& facts, region_mode mode, decision_cause cause, steady_time when) {
  decision out = stay(facts, mode, cause);
  out.look_again = when;
  return out;
}

decision move_to(region_rank target, decision_cause cause) {
  decision out;
  out.mode = settled_mode(target);
  out.active = target;
  out.cause = cause;
  return out;
}

// The region in use is down. Reasons to stay that last come before those that change with every probe, so that the
// published reason does not flicker.
decision leave(const failover_facts& facts, steady_time now) {
  if (facts.secondary == nullptr) return stay(facts, region_mode::both_down, decision_cause::no_other_region);
  const region_evidence& used = facts.of(facts.active);
  const region_evidence& target = facts.of(other(facts.active));
  if (target.health() != region_health::up || target.no_route())
    return stay(facts, region_mode::both_down, decision_cause::other_unhealthy);
  const steady_time room = facts.ledger.room_for(1, now);
  if (room > now) return stay_until(facts, region_mode::frozen, decision_cause::too_many_moves, room);
  const steady_time free = facts.ledger.free_to_leave();
  if (free > now) return stay_until(facts, region_mode::suspect, decision_cause::dwelling, free);
  // A network that broke a moment ago takes all probes with it; only answers that are newer than the last failure show
  // that this failure is the region's own.
  const steady_time since = used.last_failure_begun();
  const bool confirmed = used.failing() && target.fit_to_take_over() && target.answered_since(since) &&
                         facts.control.answered_since(since);
  if (!confirmed) return stay(facts, region_mode::suspect, decision_cause::confirming);
  return move_to(other(facts.active), decision_cause::failing_over);
}

decision consider_failback(const failover_facts& facts, steady_time now) {
  const auto well_since = facts.primary.well_since();
  if (facts.primary.health() != region_health::up || !well_since)
    return stay(facts, region_mode::secondary, decision_cause::in_use);
  if (facts.rules.failback == "manual") return stay(facts, region_mode::recovering, decision_cause::failback_manual);
  const steady_time held = *well_since + facts.ledger.failback_hold();
  if (held > now) return stay_until(facts, region_mode::recovering, decision_cause::holding, held);
  if (!facts.primary.fit_to_take_over()) return stay(facts, region_mode::recovering, decision_cause::holding);
  const steady_time allowed = std::max(facts.ledger.free_to_leave(), facts.ledger.room_for(2, now));
  if (allowed > now) return stay_until(facts, region_mode::recovering, decision_cause::failback_waits, allowed);
  return move_to(region_rank::primary, decision_cause::failing_back);
}

}  // namespace

std::optional<region_rank> rank_named(const region_settings& rules, const std::string& name) {
  if (name == rules.primary) return region_rank::primary;
  if (!rules.secondary.empty() && name == rules.secondary) return region_rank::secondary;
  return std::nullopt;
}

bool local_doubt(const failover_facts& facts) {
  const region_evidence& used = facts.of(facts.active);
  return used.no_route() || (used.failing() && facts.control.failing());
}

decision decide(const failover_facts& facts, steady_time now) {
  if (facts.pinned) {
    decision out = move_to(*facts.pinned, decision_cause::pinned);
    out.mode = region_mode::pinned;
    return out;
  }
  if (local_doubt(facts)) return stay(facts, region_mode::frozen, decision_cause::local_doubt);
  const region_health health = facts.of(facts.active).health();
  if (health == region_health::down) return leave(facts, now);
  if (health == region_health::suspect) return stay(facts, region_mode::suspect, decision_cause::failures);
  if (facts.active == region_rank::secondary) return consider_failback(facts, now);
  return stay(facts, region_mode::primary, decision_cause::in_use);
}

}  // namespace mooring::sidecar
