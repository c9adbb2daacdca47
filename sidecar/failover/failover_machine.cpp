#include "failover_machine.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "mooring/base/duration_text.hpp"

namespace mooring::sidecar {
namespace {

bool is_settled(region_mode mode) {
  return mode == region_mode::primary || mode == region_mode::secondary;
}

template <class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
overloaded(Handlers...) -> overloaded<Handlers...>;

std::optional<std::string> objection_to_pin(const pin_request& wanted, const region_settings& rules) {
  if (!rank_named(rules, wanted.region))
    return "\"" + wanted.region + "\" is not configured; pin " + rules.primary +
           (rules.secondary.empty() ? "" : " or " + rules.secondary);
  if (wanted.ttl <= milliseconds(0) || wanted.ttl > longest_pin)
    return "a pin lasts from 1ms to " + format_duration(longest_pin) + "; " + format_duration(wanted.ttl) +
           " is out of range";
  if (wanted.reason.empty() || wanted.reason.size() > max_pin_reason_bytes)
    return "a pin has a reason of 1 to " + std::to_string(max_pin_reason_bytes) + " bytes; found " +
           std::to_string(wanted.reason.size());
  return std::nullopt;
}

}  // namespace

failover_machine::failover_machine(const region_settings& rules, bool control_is_probed, machine_state remembered,
                                   const std::string& boot_id, moment now)
    : rules_(rules),
      created_(now),
      memory_(brought_to(std::move(remembered), boot_id, now)),
      ledger_(rules, memory_.moves),
      primary_(rules),
      control_(control_is_probed) {
  if (!rules.secondary.empty()) secondary_.emplace(rules);
  fit_to_configuration(now);
  show_health(now);
}

// The regions may have been renamed or left out since the state was saved.
void failover_machine::fit_to_configuration(moment now) {
  if (memory_.pin && !rank_named(rules_, memory_.pin->region)) memory_.pin.reset();
  if (rank_named(rules_, memory_.active)) {
    if (memory_.unpublished && memory_.unpublished->to != memory_.active) memory_.unpublished.reset();
    return;
  }
  memory_.unpublished.reset();
  if (!memory_.active.empty()) {
    region_move changed;
    changed.from = memory_.active;
    changed.to = rules_.primary;
    changed.epoch = memory_.epoch + 1;
    changed.reason = memory_.active + " is not configured any more";
    memory_.unpublished = changed;
    ledger_.placed(now);
  }
  memory_.active = rules_.primary;
  memory_.mode = region_mode::primary;
  memory_.since = now;
  memory_.reason = memory_.unpublished ? memory_.unpublished->reason : rules_.primary + " is used";
}

machine_actions failover_machine::step(const machine_event& event, moment now) {
  machine_actions out;
  must_save_ = false;
  out.refused = take(event, now);
  if (memory_.pin && memory_.pin->until.steady <= now.steady) memory_.pin.reset();
  if (drill_ && drill_is_over(*drill_, facts(), now.steady)) end_drill(now);
  watch_network(now);
  show_health(now);
  const decision made = decide(facts(), now.steady);
  look_again_ = made.look_again;
  follow(made, now, out);
  if (!out.publish && retry_.take_due(now.steady)) out.publish = publication();
  if (must_save_) {
    out.save = memory_;
    out.save->moves = ledger_.memory(now.steady);
  }
  return out;
}

std::optional<std::string> failover_machine::take(const machine_event& event, moment now) {
  std::optional<std::string> refused;
  std::visit(overloaded{[](const tick&) {}, [&](const probe_outcome& seen) { record(seen, now); },
                        [&](const control_outcome& seen) { control_.record(seen); },
                        [&](const pin_request& wanted) { refused = pin(wanted, now); },
                        [&](const unpin_request&) {
                          if (!memory_.pin) refused = "no region is pinned";
                          memory_.pin.reset();
                        },
                        [&](const drill_request& wanted) { refused = drill(wanted, now); },
                        [&](const undrill_request&) {
                          if (!drill_) refused = "no drill runs";
                          if (drill_) end_drill(now);
                        },
                        [&](const publication_done& done) { confirm(done.epoch); },
                        [&](const publication_failed& failed) {
                          if (failed.epoch == memory_.epoch) retry_.failed(failed.reason, now.steady);
                        }},
             event);
  return refused;
}

void failover_machine::record(const probe_outcome& seen, moment now) {
  if (seen.region == region_rank::secondary && !secondary_)
    throw std::logic_error("a probe of region.secondary, which is not set");
  const bool drilled = drill_ && drill_->region == seen.region;
  if (!drilled) return evidence_of(seen.region).record(seen, now.steady);
  if (seen.begun < drill_->begun) return;
  probe_outcome counted = seen;
  counted.found = failure_class::down;
  counted.reason = drill_reason;
  evidence_of(seen.region).record(counted, now.steady);
}

std::optional<std::string> failover_machine::pin(const pin_request& wanted, moment now) {
  if (auto objection = objection_to_pin(wanted, rules_)) return objection;
  region_pin made;
  made.region = wanted.region;
  made.reason = wanted.reason;
  made.ttl = wanted.ttl;
  made.until.steady = now.steady + wanted.ttl;
  made.until.wall = now.wall + wanted.ttl;
  memory_.pin = made;
  ++pins_;
  return std::nullopt;
}

std::optional<std::string> failover_machine::drill(const drill_request& wanted, moment now) {
  if (auto objection = objection_to_drill(wanted, facts(), drill_ ? &*drill_ : nullptr, now.steady)) return objection;
  running_drill made;
  made.region = *rank_named(rules_, wanted.region);
  made.begun = now.steady;
  made.until.steady = now.steady + wanted.ttl;
  made.until.wall = now.wall + wanted.ttl;
  drill_ = made;
  // It fails from this moment on, so that nothing moves to it before its next probe.
  probe_outcome first;
  first.region = made.region;
  first.begun = now.steady;
  record(first, now);
  return std::nullopt;
}

void failover_machine::end_drill(moment now) {
  evidence_of(drill_->region).forget(now.steady);
  drill_.reset();
}

void failover_machine::confirm(region_epoch epoch) {
  if (epoch == memory_.epoch) retry_.succeeded();
  if (!memory_.unpublished || epoch < memory_.unpublished->epoch || epoch > memory_.epoch) return;
  memory_.unpublished.reset();
  must_save_ = true;
}

// What was seen through a network that was in doubt is no evidence against a region.
void failover_machine::watch_network(moment now) {
  const bool doubt = local_doubt(facts());
  if (local_doubt_ && !doubt) {
    primary_.forget(now.steady);
    if (secondary_) secondary_->forget(now.steady);
  }
  local_doubt_ = doubt;
}

void failover_machine::show_health(moment now) {
  const auto show = [&](const std::string& name, const region_evidence& evidence) {
    const auto [found, made] = standings_.try_emplace(name);
    region_standing& shown = found->second;
    if (!made && shown.state == evidence.health()) return;
    shown.state = evidence.health();
    shown.since = published(now.wall);
    const bool well = shown.state == region_health::up || shown.state == region_health::unknown;
    shown.reason = well ? std::string() : evidence.last_failure();
  };
  show(rules_.primary, primary_);
  if (secondary_) show(rules_.secondary, *secondary_);
}

void failover_machine::follow(const decision& made, moment now, machine_actions& out) {
  const content wanted = content_of(made);
  if (told_ && *told_ == wanted) return;
  region_transition change;
  change.from_mode = memory_.mode;
  change.from = memory_.active;
  const bool told_otherwise = told_ && (told_->cause != wanted.cause || told_->pins != wanted.pins);
  const bool another = memory_.mode != made.mode || memory_.active != name_in(rules_, made.active) || told_otherwise;
  ++memory_.epoch;
  // A changed configuration has moved the region before the first step.
  const bool moved_before = !told_ && memory_.unpublished && memory_.unpublished->epoch == memory_.epoch;
  if (moved_before) change.from = memory_.unpublished->from;
  // The reason for being in a settled mode is the way into it; the other modes explain themselves anew.
  if (another || !is_settled(made.mode)) enter(made, now);
  told_ = wanted;
  retry_.replaced();
  must_save_ = true;
  out.publish = publication();
  if (!another && !moved_before) return;
  change.to_mode = memory_.mode;
  change.to = memory_.active;
  change.epoch = memory_.epoch;
  change.reason = memory_.reason;
  out.changed = change;
}

void failover_machine::enter(const decision& made, moment now) {
  const std::string& active = name_in(rules_, made.active);
  memory_.reason = made.cause == decision_cause::pinned ? memory_.pin->reason : reason_for(made, facts());
  if (memory_.mode != made.mode || memory_.active != active) memory_.since = now;
  memory_.mode = made.mode;
  if (memory_.active == active) return;
  region_move move;
  move.from = memory_.active;
  move.to = active;
  move.epoch = memory_.epoch;
  move.reason = memory_.reason;
  const bool back = memory_.away_by_drill && made.cause == decision_cause::failing_back;
  move.by_drill = back || (drill_ && made.cause == decision_cause::failing_over);
  memory_.away_by_drill = move.by_drill && !back;
  memory_.unpublished = move;
  memory_.active = active;
  if (made.cause == decision_cause::pinned)
    ledger_.placed(now);
  else
    ledger_.moved(other(made.active), now);
}

}  // namespace mooring::sidecar
