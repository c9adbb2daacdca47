// Watches a simulated node and says which promise of the failover machine was broken.
//
// It keeps books of its own: every outcome of every probe, as it went in. What the machine concludes from them it does
// not ask, so it cannot make the machine's mistakes.
#pragma once

#include <string>
#include <vector>

#include "region_world.hpp"

namespace mooring::test {

class region_referee {
 public:
  region_referee(region_settings rules, bool control_is_probed)
      : rules_(std::move(rules)), control_is_probed_(control_is_probed) {}

  // A process began. What it knows about regions is what its own probes tell it.
  // `file`: what readers have seen, which is all that a process without a good memory can know.
  void process_started(milliseconds when, const std::optional<region_state>& file);
  // From now on nothing is said about what has to be remembered over a restart: the disk or the wall clock lied.
  void distrust_memory() { memory_is_good_ = false; }

  void watch(const region_world::seen_step& step, milliseconds when);

  const std::vector<std::string>& broken() const { return broken_; }
  std::size_t moves() const { return moves_; }
  std::size_t failovers() const { return failovers_; }
  std::size_t failbacks() const { return failbacks_; }
  std::size_t publications() const { return publications_; }
  std::size_t drills() const { return drills_; }

 private:
  struct outcome {
    sidecar::failure_class found;
    bool fresh;
    steady_time begun;
    milliseconds ended;
    milliseconds took;
  };
  using history = std::vector<outcome>;
  struct running_drill {
    std::string region;
    steady_time begun;
    milliseconds until;
  };

  void note(const sidecar::machine_event& event, sidecar::moment now, milliseconds when);
  void watch_drill(const region_world::seen_step& step, milliseconds when);
  void judge_publication(const sidecar::region_publication& made, milliseconds when);
  void judge_move(const region_state& state, milliseconds when);
  void judge_target(const history& target);
  void judge_failover(const history& left, const history& target);
  bool may_fail_back(milliseconds when) const;
  bool was_down(const history& left) const;
  bool series_ends_at(const history& seen, std::size_t last, bool fresh_only) const;
  bool window_ends_at(const history& seen, std::size_t last) const;
  bool rose_after(const history& seen, std::size_t last) const;
  const history& of(const std::string& region) const { return region == rules_.primary ? primary_ : secondary_; }
  history& kept(const std::string& region) { return region == rules_.primary ? primary_ : secondary_; }
  const history& beside(const std::string& region) const { return region == rules_.primary ? secondary_ : primary_; }
  void must(bool holds, const std::string& promise) {
    if (!holds) broken_.push_back(promise);
  }

  region_settings rules_;
  bool control_is_probed_;
  bool memory_is_good_ = true;
  history primary_;
  history secondary_;
  std::vector<sidecar::control_outcome> control_;
  milliseconds process_start_{0};
  std::optional<region_state> told_;
  std::optional<sidecar::machine_state> saved_;
  bool first_of_process_ = true;
  std::optional<std::string> pinned_;
  milliseconds pinned_until_{0};
  std::optional<running_drill> drill_;
  std::optional<milliseconds> changed_;
  std::vector<milliseconds> automatic_;
  std::size_t moves_ = 0;
  std::size_t failovers_ = 0;
  std::size_t failbacks_ = 0;
  std::size_t publications_ = 0;
  std::size_t drills_ = 0;
  std::vector<std::string> broken_;
};

inline void region_referee::process_started(milliseconds when, const std::optional<region_state>& file) {
  if (!memory_is_good_) told_ = file;
  primary_.clear();
  secondary_.clear();
  control_.clear();
  saved_.reset();
  drill_.reset();
  process_start_ = when;
  first_of_process_ = true;
}

inline void region_referee::note(const sidecar::machine_event& event, sidecar::moment now, milliseconds when) {
  if (const auto* seen = std::get_if<sidecar::probe_outcome>(&event)) {
    const std::string& region = seen->region == sidecar::region_rank::primary ? rules_.primary : rules_.secondary;
    const bool drilled = drill_ && drill_->region == region;
    if (drilled && seen->begun < drill_->begun) return;
    kept(region).push_back({drilled ? sidecar::failure_class::down : seen->found,
                            seen->connection == sidecar::connection_kind::fresh, seen->begun, when,
                            std::chrono::duration_cast<milliseconds>(now.steady - seen->begun)});
  } else if (const auto* answer = std::get_if<sidecar::control_outcome>(&event)) {
    control_.push_back(*answer);
  }
}

inline void region_referee::watch(const region_world::seen_step& step, milliseconds when) {
  note(step.event, step.now, when);
  if (const auto* pin = std::get_if<sidecar::pin_request>(&step.event); pin && !step.actions.refused) {
    pinned_ = pin->region;
    pinned_until_ = when + pin->ttl;
  }
  if (std::holds_alternative<sidecar::unpin_request>(step.event)) pinned_.reset();
  if (when >= pinned_until_) pinned_.reset();
  if (step.actions.save) saved_ = step.actions.save;
  if (step.actions.publish) judge_publication(*step.actions.publish, when);
  watch_drill(step, when);
  if (told_ && memory_is_good_ && pinned_)
    must(told_->active == *pinned_ && told_->mode == region_mode::pinned, "a pin is respected");
}

// Its failures are no evidence once it is over, so they are taken out of the books.
inline void region_referee::watch_drill(const region_world::seen_step& step, milliseconds when) {
  const auto* wanted = std::get_if<sidecar::drill_request>(&step.event);
  if (wanted != nullptr && !step.actions.refused) {
    must(!drill_ && (!pinned_ || !memory_is_good_), "a drill begins when there is neither a pin nor another drill");
    drill_ = running_drill{wanted->region, step.now.steady, when + wanted->ttl};
    kept(wanted->region).push_back({sidecar::failure_class::down, false, step.now.steady, when, milliseconds(0)});
    ++drills_;
  }
  must(!told_->avoided || (drill_ && drill_->region == told_->avoided->region), "only a drilled region is avoided");
  if (!drill_) return;
  if (!told_->avoided) {
    kept(drill_->region).clear();
    drill_.reset();
    return;
  }
  must(when < drill_->until, "a drill ends at its time");
  must(!pinned_ || !memory_is_good_, "a pin ends a drill");
  const history& standby = beside(drill_->region);
  must(!standby.empty() && standby.back().found == sidecar::failure_class::none,
       "a drill ends as soon as the other region does not answer");
}

inline void region_referee::judge_publication(const sidecar::region_publication& made, milliseconds when) {
  ++publications_;
  const region_state& state = made.state;
  must(saved_ && saved_->epoch == state.epoch && saved_->active == state.active, "what is published was saved before");
  must(state.regions.count(state.active) == 1, "the active region is one of the regions");
  const bool moves = told_ && state.active != told_->active;
  must(!moves || !state.avoided || state.avoided->region != state.active, "nothing moves to a drilled region");
  if (told_) {
    must(state.epoch >= told_->epoch, "an epoch never goes back");
    if (state.epoch == told_->epoch)
      must(state == *told_, "one epoch has one content");
    else
      must(first_of_process_ || state.epoch == told_->epoch + 1, "each change has the next epoch");
    const bool moved = state.active != told_->active;
    if (moved) must(made.move && made.move->from == told_->active && made.move->to == state.active, "a move is told");
    // Without a good memory a process may begin where its file did not say.
    if (moved && (memory_is_good_ || !first_of_process_)) judge_move(state, when);
  }
  first_of_process_ = false;
  told_ = state;
}

inline void region_referee::judge_move(const region_state& state, milliseconds when) {
  const std::string& from = told_->active;
  const std::string& to = state.active;
  const auto last_change = changed_;
  changed_ = when;
  ++moves_;
  if (state.mode == region_mode::pinned) {
    must(pinned_ == to || !memory_is_good_, "only a pin makes a region pinned");
    return;
  }
  judge_target(of(to));
  if (to == rules_.primary && may_fail_back(when))
    ++failbacks_;
  else
    judge_failover(of(from), of(to));
  if (!memory_is_good_) return;
  if (last_change) must(when - *last_change >= rules_.min_dwell, "a region is not left within min_dwell");
  automatic_.push_back(when);
  const auto within_the_hour = std::count_if(automatic_.begin(), automatic_.end(), [when](milliseconds made) {
    return made > when - milliseconds(std::chrono::hours(1));
  });
  must(within_the_hour <= rules_.max_moves_per_hour, "at most max_moves_per_hour moves within an hour");
}

inline void region_referee::judge_target(const history& target) {
  must(target.size() >= 2 && target.back().found == sidecar::failure_class::none &&
           target[target.size() - 2].found == sidecar::failure_class::none,
       "a region that is moved to has answered its last probes");
  const auto last_fresh = std::find_if(target.rbegin(), target.rend(), [](const outcome& o) { return o.fresh; });
  must(last_fresh != target.rend() && last_fresh->found != sidecar::failure_class::down,
       "a region that is moved to takes new connections");
}

inline void region_referee::judge_failover(const history& left, const history& target) {
  ++failovers_;
  must(!left.empty() && left.back().found != sidecar::failure_class::no_network, "without a route nothing moves");
  must(was_down(left), "only lasting faults of the region move it");
  const auto failed = std::find_if(left.rbegin(), left.rend(),
                                   [](const outcome& o) { return o.found == sidecar::failure_class::down; });
  if (failed == left.rend() || target.empty()) return;
  must(target.back().begun >= failed->begun, "the other region answered after the last failure began");
  if (!control_is_probed_) return;
  must(!control_.empty() && control_.back().ok && control_.back().begun >= failed->begun,
       "the control probe was answered after the last failure began");
}

// The primary was watched for failback_hold, and answered every probe.
inline bool region_referee::may_fail_back(milliseconds when) const {
  return rules_.failback == "auto" && when - process_start_ >= rules_.failback_hold &&
         std::all_of(primary_.begin(), primary_.end(), [&](const outcome& o) {
           return o.found == sidecar::failure_class::none || when - o.ended >= rules_.failback_hold;
         });
}

inline bool region_referee::was_down(const history& left) const {
  for (std::size_t last = left.size(); last-- > 0;) {
    if (left[last].found != sidecar::failure_class::down) continue;
    if (!series_ends_at(left, last, false) && !series_ends_at(left, last, true) && !window_ends_at(left, last))
      continue;
    return !rose_after(left, last);
  }
  return false;
}

inline bool region_referee::series_ends_at(const history& seen, std::size_t last, bool fresh_only) const {
  std::int64_t count = 0;
  milliseconds from{0};
  for (std::size_t i = last + 1; i-- > 0;) {
    if (seen[i].found == sidecar::failure_class::no_network || (fresh_only && !seen[i].fresh)) continue;
    if (seen[i].found != sidecar::failure_class::down) break;
    ++count;
    from = seen[i].ended - seen[i].took;
  }
  return count >= rules_.fall && seen[last].ended - from >= rules_.min_fail_time;
}

inline bool region_referee::window_ends_at(const history& seen, std::size_t last) const {
  std::int64_t count = 0;
  std::int64_t failed = 0;
  milliseconds from{0};
  for (std::size_t i = last + 1; i-- > 0 && count < rules_.window;) {
    if (seen[i].found == sidecar::failure_class::no_network) continue;
    ++count;
    if (seen[i].found != sidecar::failure_class::down) continue;
    ++failed;
    from = seen[i].ended - seen[i].took;
  }
  return count == rules_.window && 2 * failed >= rules_.window && seen[last].ended - from >= rules_.min_fail_time;
}

// A run of `rise` successes, one of them over a fresh connection, has brought it up since.
inline bool region_referee::rose_after(const history& seen, std::size_t last) const {
  std::int64_t run = 0;
  bool fresh = false;
  for (std::size_t i = last + 1; i < seen.size(); ++i) {
    const bool ok = seen[i].found == sidecar::failure_class::none;
    run = ok ? run + 1 : 0;
    fresh = ok && (fresh || seen[i].fresh);
    if (run >= rules_.rise && fresh) return true;
  }
  return false;
}

}  // namespace mooring::test
