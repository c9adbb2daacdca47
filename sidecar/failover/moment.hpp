// One instant on both clocks. Decisions use the steady one; the wall clock is for people, and for what is remembered
// over a reboot, which the steady clock does not survive.
#pragma once

#include "mooring/base/clock.hpp"
#include "mooring/region_file/region_state.hpp"

namespace mooring::sidecar {

struct moment {
  steady_time steady{};
  wall_time wall{};

  bool operator==(const moment&) const = default;
};

inline published_time published(wall_time when) {
  return std::chrono::time_point_cast<milliseconds>(when);
}

}  // namespace mooring::sidecar
