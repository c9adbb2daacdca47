// What the status views tell: the board, and the facts about this node that do not change.
#pragma once

#include <string>

#include "mooring/base/clock.hpp"
#include "sidecar/health/status_board.hpp"

namespace mooring::sidecar {

struct node_status {
  const status_board& board;
  std::string node;    // host name
  std::string region;  // region.primary
  std::string version;
  wall_time started;
};

// 2025-10-20T07:48:00Z
std::string iso_time(wall_time when);

}  // namespace mooring::sidecar
