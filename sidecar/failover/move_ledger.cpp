#include "move_ledger.hpp"

#include <algorithm>
#include <utility>

namespace mooring::sidecar {

move_ledger::move_ledger(const region_settings& rules, move_memory remembered)
    : max_moves_(rules.max_moves_per_hour),
      min_dwell_(rules.min_dwell),
      failback_hold_(rules.failback_hold),
      memory_(std::move(remembered)) {
  memory_.flaps = std::clamp(memory_.flaps, 0, most_flaps);
}

void move_ledger::moved(region_rank from, moment now) {
  memory_ = memory(now.steady);
  if (from == region_rank::primary)
    memory_.flaps = memory_.automatic.empty() ? 0 : std::min(memory_.flaps + 1, most_flaps);
  memory_.automatic.push_back(now);
  memory_.placed = now;
}

void move_ledger::placed(moment now) {
  memory_.placed = now;
}

steady_time move_ledger::free_to_leave() const {
  return memory_.placed ? memory_.placed->steady + min_dwell_ : steady_time::min();
}

std::int64_t move_ledger::made_within_the_hour(steady_time now) const {
  return std::count_if(memory_.automatic.begin(), memory_.automatic.end(),
                       [now](const moment& made) { return made.steady + move_memory_span > now; });
}

steady_time move_ledger::room_for(std::int64_t moves, steady_time now) const {
  const std::int64_t surplus = made_within_the_hour(now) + moves - max_moves_;
  if (surplus <= 0) return steady_time::min();
  // The oldest ones have to be an hour old. With fewer moves than `surplus` there is never room.
  const auto count = static_cast<std::int64_t>(memory_.automatic.size());
  const auto first_that_counts = count - made_within_the_hour(now);
  const auto decisive = first_that_counts + surplus - 1;
  if (decisive >= count) return steady_time::max();
  return memory_.automatic[static_cast<std::size_t>(decisive)].steady + move_memory_span;
}

milliseconds move_ledger::failback_hold() const {
  const milliseconds longest = std::max(failback_hold_, longest_failback_hold);
  return std::min(failback_hold_ * (1 << memory_.flaps), longest);
}

move_memory move_ledger::memory(steady_time now) const {
  move_memory out = memory_;
  const auto old = std::remove_if(out.automatic.begin(), out.automatic.end(),
                                  [now](const moment& made) { return made.steady + move_memory_span <= now; });
  out.automatic.erase(old, out.automatic.end());
  return out;
}

}  // namespace mooring::sidecar
