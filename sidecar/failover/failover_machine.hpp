// The failover machine: from what probes and operators say to which region this node uses.
//
//   failover_machine machine(config.region, control_is_probed, remembered, boot_id, now);
//   for (;;) carry_out(machine.step(event_or_tick, now));       // a tick at next_wakeup(), the first one at once
//
// Promises:
// - it leaves a region only for one whose last probes succeeded, never when this node's own network is in doubt, never
//   within min_dwell, never more than max_moves_per_hour times an hour, and never a region that an operator pinned;
// - only faults of the region move it (is_region_fault), and never a single one;
// - each published change has the next epoch, over restarts too; a publication that failed is repeated with its epoch;
// - a move is part of every publication until somebody confirms one, also when the process died in between.
// Pure and deterministic: the same events at the same times give the same actions. Time never goes back. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "failover_decision.hpp"
#include "machine_event.hpp"
#include "publication_retry.hpp"
#include "region_drill.hpp"

namespace mooring::sidecar {

// For the log and the metrics: one line, one count.
struct region_transition {
  region_mode from_mode = region_mode::primary;
  region_mode to_mode = region_mode::primary;
  std::string from;
  std::string to;
  region_epoch epoch = 0;
  std::string reason;

  bool moved() const { return from != to; }
};

struct region_publication {
  region_state state;
  std::optional<region_move> move;  // in addition to the file: nginx and the hooks have to follow
};

// To be carried out in this order. When saving fails, publish all the same: what was published is read at the next
// start as well (newest_of()).
struct machine_actions {
  std::optional<std::string> refused;  // the operator's request was, and why
  std::optional<machine_state> save;
  std::optional<region_publication> publish;
  std::optional<region_transition> changed;

  bool empty() const { return !refused && !save && !publish && !changed; }
};

// How the probes of all regions, and the control probe, should go on.
struct probe_advice {
  bool fast = false;             // at fast_interval instead of interval
  bool alternate_fresh = false;  // every other probe of this region over a fresh connection
  bool silent = false;           // nothing may be sent to this region; each probe of it fails
};

class failover_machine {
 public:
  // `remembered`: from newest_of(), as it was saved. `boot_id`: of the running system, to know whether the steady clock
  // of the saved times is still the same.
  failover_machine(const region_settings& rules, bool control_is_probed, machine_state remembered,
                   const std::string& boot_id, moment now);

  machine_actions step(const machine_event& event, moment now);

  // When a tick is due; nothing while only events matter.
  std::optional<steady_time> next_wakeup() const;

  probe_advice advice(region_rank rank) const;
  region_mode mode() const { return memory_.mode; }
  const std::string& active() const { return memory_.active; }
  region_epoch epoch() const { return memory_.epoch; }

  // What an operator should know now; empty when all is well.
  std::vector<std::string> warnings() const;

 private:
  // What a publication tells; any difference makes a new one.
  struct content {
    region_mode mode = region_mode::primary;
    region_rank active = region_rank::primary;
    decision_cause cause = decision_cause::in_use;
    region_health primary = region_health::unknown;
    region_health secondary = region_health::unknown;
    unsigned pins = 0;
    std::optional<region_rank> drilled;

    bool operator==(const content&) const = default;
  };

  void fit_to_configuration(moment now);
  std::optional<std::string> take(const machine_event& event, moment now);
  std::optional<std::string> pin(const pin_request& wanted, moment now);
  std::optional<std::string> drill(const drill_request& wanted, moment now);
  void end_drill(moment now);
  void record(const probe_outcome& seen, moment now);
  region_evidence& evidence_of(region_rank rank) { return rank == region_rank::primary ? primary_ : *secondary_; }
  void confirm(region_epoch epoch);

  void watch_network(moment now);
  void show_health(moment now);
  void follow(const decision& made, moment now, machine_actions& out);
  void enter(const decision& made, moment now);
  region_publication publication() const;

  failover_facts facts() const;
  content content_of(const decision& made) const;

  region_settings rules_;
  moment created_;
  machine_state memory_;  // but for the moves, which are in ledger_
  move_ledger ledger_;
  region_evidence primary_;
  std::optional<region_evidence> secondary_;
  control_watch control_;
  std::map<std::string, region_standing> standings_;
  std::optional<content> told_;  // nothing before the first step
  unsigned pins_ = 0;
  std::optional<running_drill> drill_;
  bool local_doubt_ = false;
  bool must_save_ = false;
  std::optional<steady_time> look_again_;
  publication_retry retry_;
};

}  // namespace mooring::sidecar
