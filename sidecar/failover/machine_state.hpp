// What the failover machine remembers over a restart: a plain struct, saved before each publication.
//
// Evidence about regions is not in it: after a restart every region has to fail or answer anew. So a restart never
// moves a region by itself.
//
// Times hold both clocks. A restart of the process within one boot goes by the steady clock, which is the system's and
// goes on. A reboot leaves only the wall clock. When that is wrong, the most that can happen is:
//   behind: what is remembered counts as just done. min_dwell starts anew, the moves remembered count for another hour,
//           the pin lasts as long again as it was given
//   ahead:  what is remembered counts as long ago. A pin ends early, min_dwell is over, up to max_moves_per_hour more
//           moves are possible, and failback_hold is not doubled
// Neither moves a region, neither makes an epoch go back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "moment.hpp"

namespace mooring::sidecar {

struct region_pin {
  std::string region;
  std::string reason;
  milliseconds ttl{0};
  moment until;

  bool operator==(const region_pin&) const = default;
};

// A change of the active region, for those who have to do something about it: nginx, hooks.
struct region_move {
  std::string from;
  std::string to;
  region_epoch epoch = 0;  // that published it first
  std::string reason;
  bool by_drill = false;  // of this node's drill, or back after it: no matter for the fleet

  bool operator==(const region_move&) const = default;
};

// Moves that the machine made by itself, and how often the primary failed again soon after one.
struct move_memory {
  std::vector<moment> automatic;  // of the last hour, oldest first
  std::optional<moment> placed;   // when the active region became active, by whomever
  int flaps = 0;

  bool operator==(const move_memory&) const = default;
};

struct machine_state {
  std::string boot_id;  // of the boot whose steady clock the times are on
  region_epoch epoch = 0;
  std::string active;  // empty: nothing is remembered
  region_mode mode = region_mode::primary;
  moment since;  // when mode and active became so
  std::string reason;
  std::optional<region_pin> pin;
  std::optional<region_move> unpublished;  // a move that nobody has confirmed yet
  bool away_by_drill = false;              // the last move was away from a drilled region
  move_memory moves;

  bool operator==(const machine_state&) const = default;
};

// `saved`, with all its times on this boot's steady clock.
machine_state brought_to(machine_state saved, const std::string& boot_id, moment now);

// The saved state may be older than what was published, when the disk was full, or be lost. Then the published state
// says which epoch and which region are the newest; a pin is not known from it. The move to that region counts as
// unpublished when the saved state names another one. When nothing was saved, there is none to name as the one left.
machine_state newest_of(machine_state saved, const std::optional<region_state>& published);

}  // namespace mooring::sidecar
