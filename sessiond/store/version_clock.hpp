// Versions of sessions: a hybrid clock.
//
// A version is the wall clock in microseconds, shifted by 10 bits of chance that tell two writers apart, and always
// above the version it follows, so that a clock that was set back cannot make a newer write look old; there, too,
// chance keeps two writers apart. Fits 63 bits until 2255.
//
// Versions come back from outside, in tokens and items, and the next one is above them. So what no clock can have made
// is refused before anything is counted from it: a token as no token, an item as errc::bad_data.
#pragma once

#include <algorithm>
#include <cstdint>

#include "mooring/base/clock.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

constexpr int version_chance_bits = 10;
// How far the clock that made a version may be ahead of the one that judges it. TLS certificates live for 398 days at
// most, so a node whose clock is further ahead takes DynamoDB's for expired, and stores nothing.
constexpr std::chrono::hours max_version_lead{400 * 24};
constexpr std::uint32_t follower_chance_mask = (1U << 30) - 1;  // a second of the clock

inline session_version version_by_clock(wall_time now, std::uint32_t chance) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  return (micros << version_chance_bits) | (chance & ((1U << version_chance_bits) - 1));
}

// The largest version that a clock may have made by `now`.
inline session_version latest_version(wall_time now) {
  return version_by_clock(now + max_version_lead, ~0U);
}

// no_version is none.
inline bool is_possible_version(session_version version, wall_time now) {
  return version > no_version && version <= latest_version(now);
}

// `follows`: no_version, or a possible one.
inline session_version next_version(wall_time now, std::uint32_t chance, session_version follows) {
  const session_version by_clock = version_by_clock(now, chance);
  return std::max(by_clock, follows + 1 + (chance & follower_chance_mask));
}

// When a version was made, as far as the clock that made it went right.
inline wall_time time_of(session_version version) {
  const std::chrono::microseconds since_1970{version >> version_chance_bits};
  return wall_time(std::chrono::duration_cast<wall_time::duration>(since_1970));
}

}  // namespace mooring::sessiond
