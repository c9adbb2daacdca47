// What both daemons agree on: which region this node uses, why, and how each region is doing.
//
// The sidecar decides and publishes; sessiond, nginx and the hooks follow. A value: no clock, no file, no JSON
// (region_codec.hpp and region_file.hpp). docs/formats.md shows it as JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mooring {

// Grows by one with each change that is published. Past 2^53 - 1 JSON readers of other languages would round it; a
// larger one is damage, and must not lock out all that follow.
using region_epoch = std::uint64_t;
constexpr region_epoch largest_epoch = (region_epoch{1} << 53) - 1;

// For people and for a restart; nothing is ever ordered by it.
using published_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

enum class region_mode {
  primary,     // region.primary is in use and answers
  suspect,     // the region in use fails, and not yet long enough to leave it; or a move has to wait
  secondary,   // region.secondary is in use, and the primary is not well
  recovering,  // region.secondary is in use, and the primary is well again but not for long enough
  pinned,      // an operator said which region is used
  both_down,   // the region in use is down, and there is no healthy one to move to
  frozen,      // it cannot be told whose fault it is, or too many moves were made: nothing moves
};

enum class region_health {
  unknown,   // no probe has told yet
  up,        // it answers
  suspect,   // its last probes failed, and not yet long enough to call it down
  down,      // it failed long enough, and has not answered often enough since
  refusing,  // it answers with refusals that another region would not cure: throttling, credentials, clock
};

std::string_view name_of(region_mode mode);
std::string_view name_of(region_health health);
std::optional<region_mode> region_mode_named(std::string_view name);
std::optional<region_health> region_health_named(std::string_view name);

struct region_standing {
  region_health state = region_health::unknown;
  published_time since{};
  std::string reason;  // of a region that is not up: its last failure

  bool operator==(const region_standing&) const = default;
};

// No drill is longer, whatever clocks and files say.
constexpr std::chrono::milliseconds longest_drill = std::chrono::hours(1);

// A drill: nothing is sent to this region, as if it had failed.
struct avoided_region {
  std::string region;
  published_time until{};

  bool operator==(const avoided_region&) const = default;
};

// How long it is still avoided at `now`: never negative, and never more than longest_drill.
std::chrono::milliseconds drill_time_left(published_time until, published_time now);

struct region_state {
  region_epoch epoch = 0;
  std::string active;
  region_mode mode = region_mode::primary;
  published_time since{};  // when mode and active became what they are
  std::string reason;
  std::optional<published_time> pinned_until;
  std::optional<avoided_region> avoided;           // one of `regions`
  std::map<std::string, region_standing> regions;  // by name; holds `active`

  bool operator==(const region_state&) const = default;
};

}  // namespace mooring
