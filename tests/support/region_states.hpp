// A region's state as a test needs one: two regions, moved to the second.
#pragma once

#include "mooring/region_file/region_state.hpp"

namespace mooring::test {

inline published_time at_ms(std::int64_t since_1970) {
  return published_time(std::chrono::milliseconds(since_1970));
}

inline region_state moved_state(region_epoch epoch) {
  region_state out;
  out.epoch = epoch;
  out.active = "eu-west-1";
  out.mode = region_mode::secondary;
  out.since = at_ms(1'760'942'892'345);
  out.reason = "us-east-1 is down: 4 failures in a row over 6s, the last: DNS: no addresses";
  region_standing down;
  down.state = region_health::down;
  down.since = at_ms(1'760'942'892'345);
  down.reason = "DNS: no addresses";
  region_standing up;
  up.state = region_health::up;
  up.since = at_ms(1'760'900'000'000);
  out.regions = {{"us-east-1", down}, {"eu-west-1", up}};
  return out;
}

}  // namespace mooring::test
