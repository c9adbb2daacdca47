// What the probes of one region have told, and what follows from it for that region alone.
//
// Down, when
//   - `fall` probes in a row failed, over `min_fail_time`; or
//   - `fall` probes in a row over fresh connections did, over that time, whatever kept connections say: in October 2025
//     us-east-1's name was empty for hours while kept connections worked, and new PHP workers failed; or
//   - half of the last `window` probes failed, over that time.
// Up again after `rise` successes in a row, of which none may be owed to kept connections alone: while the last fresh
// probe failed, a region does not come up.
//
// Only faults of the region count (is_region_fault). Throttling, refused credentials and a refused clock are answers:
// they end a series of failures, and as much they end a series of successes. An outcome of class `no_network` says
// nothing, but interrupts the successes.
//
// A suspect region that refuses stays suspect until `rise` refusals came in a row, so that a mixture of errors is one
// state and not one for each probe. Pure.
#pragma once

#include <optional>
#include <string>

#include "failure_series.hpp"
#include "mooring/region_file/region_state.hpp"
#include "mooring/settings/settings.hpp"
#include "outcome_window.hpp"
#include "probe_outcome.hpp"

namespace mooring::sidecar {

// So many successes in a row make a region that was never in doubt fit to be moved to.
constexpr std::int64_t successes_to_take_over = 2;

class region_evidence {
 public:
  explicit region_evidence(const region_settings& rules)
      : fall_(rules.fall), rise_(rules.rise), min_fail_time_(rules.min_fail_time), window_(rules.window) {}

  // `now`: when the probe ended.
  void record(const probe_outcome& seen, steady_time now);

  // Nothing that was begun before `now` counts: this node's network was to blame, or may have been.
  void forget(steady_time now);

  region_health health() const { return health_; }

  // The last probe failed for the region's fault, or the last one over a fresh connection did.
  bool failing() const { return !all_.empty() || !fresh_.empty(); }
  bool no_route() const { return last_ == failure_class::no_network; }

  // Its last probes succeeded, and the last one over a fresh connection did: who moves here comes with new connections.
  bool fit_to_take_over() const {
    return health_ == region_health::up && successes_ >= successes_to_take_over && takes_new_connections_;
  }

  // Since when it has answered every probe, counted from the success that was the `rise`th in a row.
  const std::optional<steady_time>& well_since() const { return well_since_; }

  // The last success belongs to a probe that was begun at `since` or later.
  bool answered_since(steady_time since) const { return answered_ && *answered_ >= since; }
  steady_time last_failure_begun() const { return last_failure_begun_; }

  // The last probe contradicts the health, or there is none yet: look again soon.
  bool in_doubt() const;
  // A fresh connection has to show whether it works again.
  bool fresh_in_doubt() const { return in_doubt() || !fresh_.empty(); }

  // Of the last probe that was no success.
  failure_class last_failure_class() const { return last_failure_class_; }
  const std::string& last_failure() const { return last_failure_; }

  // "4 failures in a row over 6s, the last: ..." and the like: what `down` or `suspect` is founded on.
  std::string grounds() const;

 private:
  enum class basis { in_a_row, in_a_row_fresh, window };

  void succeed(const probe_outcome& seen, steady_time now);
  void fail(const probe_outcome& seen, steady_time now);
  void refuse(const probe_outcome& seen, steady_time now);
  void interrupt_successes();

  std::int64_t fall_;
  std::int64_t rise_;
  milliseconds min_fail_time_;

  region_health health_ = region_health::unknown;
  failure_series all_;
  failure_series fresh_;
  bool takes_new_connections_ = false;  // not known before the first fresh one
  outcome_window window_;
  std::int64_t successes_ = 0;
  std::int64_t refusals_ = 0;
  std::optional<steady_time> well_since_;
  std::optional<steady_time> answered_;
  steady_time last_failure_begun_{};
  steady_time counts_from_ = steady_time::min();
  failure_class last_ = failure_class::none;
  failure_class last_failure_class_ = failure_class::none;
  std::string last_failure_;
  basis basis_ = basis::in_a_row;  // of the last failure
  failure_series basis_series_;    // as it was then
  std::int64_t basis_in_window_ = 0;
};

}  // namespace mooring::sidecar
