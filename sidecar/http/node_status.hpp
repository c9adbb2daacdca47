// What the status views tell: the board, and the facts about this node.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"
#include "sidecar/health/status_board.hpp"

namespace mooring::sidecar {

struct node_status {
  const status_board& board;
  std::string node;  // host name
  std::string version;
  wall_time started;
  std::function<std::string()> region;              // the one that is used
  std::function<std::vector<std::string>()> notes;  // about it, for people
};

// 2025-10-20T07:48:00Z
std::string iso_time(wall_time when);

}  // namespace mooring::sidecar
