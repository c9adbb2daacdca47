// How often and how soon a region may be left: min_dwell, max_moves_per_hour, and a failback_hold that grows while the
// primary keeps failing.
#pragma once

#include "machine_state.hpp"
#include "mooring/settings/settings.hpp"
#include "probe_outcome.hpp"

namespace mooring::sidecar {

constexpr milliseconds move_memory_span = std::chrono::hours(1);
// A primary that failed again and again is tried once an hour, or as seldom as failback_hold says.
constexpr milliseconds longest_failback_hold = std::chrono::hours(1);
constexpr int most_flaps = 16;

class move_ledger {
 public:
  move_ledger(const region_settings& rules, move_memory remembered);

  // The machine moved the region by itself, away from `from`.
  void moved(region_rank from, moment now);
  // An operator or a changed configuration did.
  void placed(moment now);

  // When min_dwell is over.
  steady_time free_to_leave() const;

  // When `moves` more are within max_moves_per_hour; a time in the past: now.
  steady_time room_for(std::int64_t moves, steady_time now) const;

  milliseconds failback_hold() const;

  // What is worth remembering at `now`.
  move_memory memory(steady_time now) const;

 private:
  std::int64_t made_within_the_hour(steady_time now) const;

  std::int64_t max_moves_;
  milliseconds min_dwell_;
  milliseconds failback_hold_;
  move_memory memory_;
};

}  // namespace mooring::sidecar
