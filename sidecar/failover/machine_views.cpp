// What the failover machine shows without changing.
#include <algorithm>

#include "failover_machine.hpp"

namespace mooring::sidecar {

region_publication failover_machine::publication() const {
  region_publication out;
  out.state.epoch = memory_.epoch;
  out.state.active = memory_.active;
  out.state.mode = memory_.mode;
  out.state.since = published(memory_.since.wall);
  out.state.reason = memory_.reason;
  if (memory_.pin) out.state.pinned_until = published(memory_.pin->until.wall);
  if (drill_) {
    out.state.avoided.emplace();
    out.state.avoided->region = name_in(rules_, drill_->region);
    out.state.avoided->until = published(drill_->until.wall);
  }
  out.state.regions = standings_;
  out.move = memory_.unpublished;
  return out;
}

std::optional<steady_time> failover_machine::next_wakeup() const {
  if (!told_) return created_.steady;
  std::optional<steady_time> out = look_again_;
  const auto no_later_than = [&out](steady_time when) { out = out ? std::min(*out, when) : when; };
  if (memory_.pin) no_later_than(memory_.pin->until.steady);
  if (drill_) no_later_than(drill_->until.steady);
  if (retry_.at()) no_later_than(*retry_.at());
  return out;
}

probe_advice failover_machine::advice(region_rank rank) const {
  const failover_facts known = facts();
  probe_advice out;
  out.fast = memory_.mode == region_mode::suspect || local_doubt_ || primary_.in_doubt() ||
             (secondary_ && secondary_->in_doubt());
  // The region that may have to take over must not be broken for new connections either.
  out.alternate_fresh = out.fast || known.of(rank).fresh_in_doubt();
  out.silent = drill_ && drill_->region == rank;
  return out;
}

std::vector<std::string> failover_machine::warnings() const {
  std::vector<std::string> out;
  if (memory_.mode == region_mode::both_down || memory_.mode == region_mode::frozen) out.push_back(memory_.reason);
  if (control_.failing())
    out.push_back("the control probe fails, and no region is left until it answers: " + control_.last_failure());
  const auto look_at = [&](const std::string& name, const region_evidence& evidence) {
    if (evidence.health() == region_health::refusing)
      out.push_back(name + " refuses (" + std::string(name_of(evidence.last_failure_class())) +
                    "), which no move would cure: " + evidence.last_failure());
    const bool failed = evidence.health() == region_health::suspect || evidence.health() == region_health::down;
    if (memory_.pin && memory_.pin->region == name && failed)
      out.push_back(name + " is pinned, and is " + std::string(name_of(evidence.health())) + ": " +
                    evidence.last_failure());
  };
  look_at(rules_.primary, primary_);
  if (secondary_) look_at(rules_.secondary, *secondary_);
  if (drill_) out.push_back("a drill: " + name_in(rules_, drill_->region) + " counts as failed, whatever it answers");
  if (!retry_.failure().empty())
    out.push_back("epoch " + std::to_string(memory_.epoch) + " is not published everywhere: " + retry_.failure());
  return out;
}

failover_facts failover_machine::facts() const {
  std::optional<region_rank> pinned;
  if (memory_.pin) pinned = rank_named(rules_, memory_.pin->region);
  return failover_facts{rules_,   *rank_named(rules_, memory_.active), pinned,
                        primary_, secondary_ ? &*secondary_ : nullptr, control_,
                        ledger_};
}

failover_machine::content failover_machine::content_of(const decision& made) const {
  content out;
  out.mode = made.mode;
  out.active = made.active;
  const bool settled = made.mode == region_mode::primary || made.mode == region_mode::secondary;
  out.cause = settled ? decision_cause::in_use : made.cause;
  out.primary = primary_.health();
  if (secondary_) out.secondary = secondary_->health();
  out.pins = pins_;
  if (drill_) out.drilled = drill_->region;
  return out;
}

}  // namespace mooring::sidecar
