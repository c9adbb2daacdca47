// Versions of sessions: a hybrid clock.
//
// A version is the wall clock in microseconds, shifted by 10 bits of chance that tell two writers apart, and always
// above the version it follows, so that a clock that was set back cannot make a newer write look old; there, too,
// chance keeps two writers apart. Fits 63 bits until 2255.
#pragma once

#include <algorithm>
#include <cstdint>

#include "mooring/base/clock.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

constexpr int version_chance_bits = 10;
constexpr std::uint32_t follower_chance_mask = (1U << 30) - 1;  // a second of the clock

inline session_version next_version(wall_time now, std::uint32_t chance, session_version follows) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  const session_version by_clock = (micros << version_chance_bits) | (chance & ((1U << version_chance_bits) - 1));
  return std::max(by_clock, follows + 1 + (chance & follower_chance_mask));
}

// When a version was made, as far as the clock that made it went right.
inline wall_time time_of(session_version version) {
  const std::chrono::microseconds since_1970{version >> version_chance_bits};
  return wall_time(std::chrono::duration_cast<wall_time::duration>(since_1970));
}

}  // namespace mooring::sessiond
