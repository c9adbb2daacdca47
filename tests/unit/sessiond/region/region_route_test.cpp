#include "sessiond/region/region_route.hpp"

#include <gtest/gtest.h>

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;
using order = std::vector<std::size_t>;

const steady_time start{};

TEST(region_route, asks_the_preferred_region_and_then_the_other) {
  region_route route(2);
  EXPECT_EQ(route.order(start), (order{0, 1}));
  route.publish(1);
  EXPECT_EQ(route.order(start), (order{1, 0}));
}

TEST(region_route, has_no_other_region_where_there_is_one) {
  region_route route(1);
  route.failed(0, start, start);
  EXPECT_EQ(route.order(start), order{0});
  EXPECT_FALSE(route.bridging());
}

TEST(region_route, bridges_after_a_failed_command_and_lets_one_try_again_each_time) {
  region_route route(2);
  route.failed(0, start, start + 1s);
  EXPECT_EQ(route.order(start + 1s), (order{1, 0}));
  EXPECT_EQ(route.order(start + 6s - 1ms), (order{1, 0}));
  EXPECT_EQ(route.order(start + 6s), (order{0, 1})) << "one tries";
  EXPECT_EQ(route.order(start + 6s), (order{1, 0})) << "and only one";
  route.succeeded(0, start + 6s);
  EXPECT_FALSE(route.bridging());
  EXPECT_EQ(route.order(start + 6s), (order{0, 1}));
}

TEST(region_route, does_not_bridge_a_region_that_answered_others_meanwhile) {
  region_route route(2);
  route.succeeded(0, start + 500ms);
  route.failed(0, start, start + 1s);
  EXPECT_FALSE(route.bridging());
  route.failed(0, start + 600ms, start + 1s);
  EXPECT_TRUE(route.bridging());
}

TEST(region_route, a_failure_of_the_other_region_does_not_end_or_begin_a_bridge) {
  region_route route(2);
  route.failed(1, start, start);
  EXPECT_FALSE(route.bridging());
  route.failed(0, start, start);
  route.failed(1, start, start);
  EXPECT_EQ(route.order(start), (order{1, 0}));
}

TEST(region_route, a_published_region_ends_the_bridge) {
  region_route route(2);
  route.failed(0, start, start);
  route.publish(1);
  EXPECT_FALSE(route.bridging());
  EXPECT_EQ(route.order(start), (order{1, 0}));
  route.failed(1, start, start);
  route.publish(1);
  EXPECT_TRUE(route.bridging()) << "what is published already is no news";
}

}  // namespace
}  // namespace mooring::sessiond
