#include "failover_decision.hpp"
#include "mooring/base/duration_text.hpp"

namespace mooring::sidecar {
namespace {

std::string limit_of_moves(const failover_facts& facts) {
  return std::to_string(facts.rules.max_moves_per_hour) + " moves within an hour (region.max_moves_per_hour)";
}

std::string why_in_use(const decision& made, const failover_facts& facts) {
  const std::string& name = facts.name(made.active);
  const bool answers = facts.of(made.active).health() == region_health::up;
  const std::string used = name + (answers ? " answers" : " is used");
  if (made.active == region_rank::primary) return used;
  return used + "; " + facts.rules.primary + " is " + std::string(name_of(facts.primary.health()));
}

std::string why_well(const failover_facts& facts, const std::string& what) {
  return facts.rules.primary + " answers; " + what;
}

std::string why_doubtful(const std::string& used, const region_evidence& evidence) {
  if (evidence.no_route()) return "no route to " + used + ": " + evidence.last_failure();
  return used + " fails, and so does the control probe: this node's own network may be the reason";
}

}  // namespace

std::string weakness(const region_evidence& target) {
  switch (target.health()) {
    case region_health::unknown:
      return "it has not answered yet";
    case region_health::up:
      return "there is no route to it: " + target.last_failure();
    case region_health::suspect:
      return "it fails: " + target.grounds();
    case region_health::down:
      return "it is down: " + target.grounds();
    case region_health::refusing:
      return "it refuses (" + std::string(name_of(target.last_failure_class())) + "): " + target.last_failure();
  }
  return "";
}

std::string reason_for(const decision& made, const failover_facts& facts) {
  const region_evidence& evidence = facts.of(facts.active);
  const std::string& used = facts.name(facts.active);
  const std::string down = used + " is down: " + evidence.grounds();
  switch (made.cause) {
    case decision_cause::in_use:
      return why_in_use(made, facts);
    case decision_cause::failures:
      return used + " fails: " + evidence.grounds();
    case decision_cause::confirming:
      return down + "; a move waits for answers of the other probes";
    case decision_cause::dwelling:
      return down + "; it is not left within " + format_duration(facts.rules.min_dwell) + " (region.min_dwell)";
    case decision_cause::no_other_region:
      return down + (facts.rules.policy == "evacuate" ? "; no other region is used (region.policy = \"evacuate\")"
                                                      : "; no region.secondary is set to move to");
    case decision_cause::other_unhealthy:
      return down + "; " + facts.name(other(facts.active)) +
             " cannot take over: " + weakness(facts.of(other(facts.active)));
    case decision_cause::local_doubt:
      return why_doubtful(used, evidence);
    case decision_cause::too_many_moves:
      return down + "; it is not left after " + limit_of_moves(facts) + "; pin a region to move by hand";
    case decision_cause::failing_over:
      return down;
    case decision_cause::pinned:
      return "pinned";
    case decision_cause::holding:
      return why_well(facts, "it is used again when it has answered every probe for " +
                                 format_duration(facts.ledger.failback_hold()) + " (region.failback_hold)");
    case decision_cause::failback_manual:
      return why_well(facts, "pin it to move back (region.failback = \"manual\")");
    case decision_cause::failback_waits:
      return why_well(facts, "it is used again when region.min_dwell and " + limit_of_moves(facts) + " allow it");
    case decision_cause::failing_back:
      return facts.rules.primary + " has answered every probe for " + format_duration(facts.ledger.failback_hold());
  }
  return "";
}

}  // namespace mooring::sidecar
