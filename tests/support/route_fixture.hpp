// A region_route that has run for a while, and what it sees; the test says when.
#pragma once

#include <gtest/gtest.h>

#include "sessiond/region/region_route.hpp"

namespace mooring::test {

using namespace sessiond;
using namespace std::chrono_literals;

constexpr std::size_t east = 0;
constexpr std::size_t west = 1;
const steady_time start = steady_time() + 1h;

inline notice_stamps published(const std::string& stamp) {
  return {stamp, ""};
}
inline notice_stamps bridged(const std::string& stamp) {
  return {"", stamp};
}
const notice_stamps nobody{};

// One node that has run for a while, and has just seen both regions well and without notices.
struct route_fixture : ::testing::Test {
  route_fixture() {
    look(0s);
    follow(0s);
  }
  // At both regions, where nobody has given notice.
  void look(milliseconds after) {
    for (const std::size_t region : {east, west})
      sees(region, nobody, after);
  }
  region_route::change follow(milliseconds after) { return route.follow(start + after); }
  void fails(std::size_t region, milliseconds after, command_kind kind = command_kind::write) {
    route.failed(region, kind, start + after, start + after);
  }
  void sees(std::size_t region, const notice_stamps& seen, milliseconds after) {
    route.looked(region, start + after, seen, start + after);
  }
  // Looks at `region` until `last`, as long as it is sound.
  void answers(std::size_t region, milliseconds first, milliseconds last) {
    for (milliseconds when = first; when <= last; when += between_notice_looks)
      sees(region, nobody, when);
  }

  region_route route{2, start - 10s};
};

}  // namespace mooring::test
