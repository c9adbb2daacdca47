// Which region a command is sent to first, and which next. Pure.
//
// The published region is preferred: the sidecar has seen more than one failed command. But it needs seconds to decide,
// and may be dead; so a command that the preferred region fails begins a bridge: for bridge_time commands go to the
// other region first. Then one of them tries the preferred region, and either ends the bridge or begins another
// bridge_time. A region that fails some commands while it answers others is not bridged; each failed command goes to
// the other one.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "mooring/base/clock.hpp"

namespace mooring::sessiond {

constexpr std::chrono::seconds bridge_time{5};

class region_route {
 public:
  // Regions are numbered from 0, the primary.
  explicit region_route(std::size_t regions) : last_success_(regions) {}

  void publish(std::size_t region);
  std::size_t preferred() const { return preferred_; }
  // Where commands are sent first, but for the one that asks when a bridge ends.
  std::size_t in_use() const { return bridge_until_ ? other() : preferred_; }

  // In the order in which to try them. The one that asks when a bridge ends is the one that tries the preferred region.
  std::vector<std::size_t> order(steady_time now);

  // How a command, begun at `started`, fared. A failure is one that another region may not have.
  void succeeded(std::size_t region, steady_time now);
  void failed(std::size_t region, steady_time started, steady_time now);

  bool bridging() const { return bridge_until_.has_value(); }

 private:
  std::size_t other() const { return preferred_ == 0 ? 1 : 0; }

  std::size_t preferred_ = 0;
  std::vector<std::optional<steady_time>> last_success_;
  std::optional<steady_time> bridge_until_;
};

}  // namespace mooring::sessiond
