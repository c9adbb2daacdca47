// Regions that fail again, that fail writes only, and both at once.
#include "tests/support/route_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace test;
using region_route_failing_test = route_fixture;

TEST_F(region_route_failing_test, a_region_that_fails_again_soon_is_bridged_for_twice_as_long) {
  milliseconds now = 0s;
  std::vector<milliseconds> bridges;
  for (int failures = 0; failures < 6; ++failures) {
    fails(east, now);
    EXPECT_TRUE(follow(now).moved);
    const milliseconds began = now;
    for (; route.in_use() == west && now < began + 10min; now += between_notice_looks) {
      look(now);
      follow(now);
    }
    bridges.push_back(now - began - between_notice_looks);
  }
  EXPECT_EQ(bridges, (std::vector<milliseconds>{5s, 10s, 20s, 40s, longest_bridge_time, longest_bridge_time}));
  now += relapse_time;
  fails(east, now);
  follow(now);
  answers(east, now, now + bridge_time);
  EXPECT_TRUE(follow(now + bridge_time).moved) << "it has been well for a while";
}

TEST_F(region_route_failing_test, a_region_that_fails_looks_too_is_used_again_when_they_say_so) {
  for (const milliseconds began : {0s, 20s, 40s}) {
    fails(east, began);
    EXPECT_TRUE(follow(began).moved);
    route.look_failed(east, start + began + 500ms);
    route.look_failed(east, start + began + 1s);
    answers(east, began + 1s, began + 1s + bridge_time);
    EXPECT_TRUE(follow(began + 1s + bridge_time).moved);
  }
}

TEST_F(region_route_failing_test, of_two_that_fail_uses_the_preferred_one_unless_only_the_other_answers_again) {
  fails(east, 0s);
  follow(0s);
  fails(west, 1s);
  EXPECT_TRUE(follow(1s).moved);
  EXPECT_EQ(route.in_use(), east) << "others that reach it are there";
  sees(west, nobody, 2s);
  EXPECT_TRUE(follow(2s).moved);
  EXPECT_EQ(route.in_use(), west);
  sees(east, nobody, 3s);
  EXPECT_TRUE(follow(3s).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_failing_test, after_no_region_could_be_reached_it_settles_before_others_can_rely_on_it) {
  fails(east, 0s);
  fails(west, 0s);
  follow(0s);
  sees(east, nobody, 20s);
  follow(20s);
  EXPECT_EQ(route.settled_at(), start + 20s + between_notice_looks + settle_time);
  EXPECT_EQ(route.notice_due(east, start + 20s), notice_kind::bridged)
      << "it answers again, and the other one does not";
  sees(west, nobody, 21s);
  EXPECT_EQ(route.settled_at(), start + 20s + between_notice_looks + settle_time);
}

TEST_F(region_route_failing_test, after_no_region_could_be_reached_it_goes_where_others_have_to_be) {
  fails(west, 0s);
  fails(east, 0s);
  follow(0s);
  sees(east, nobody, 20s);
  sees(west, bridged("a"), 20s);
  EXPECT_TRUE(follow(20s).moved);
  EXPECT_EQ(route.in_use(), west);
}

TEST_F(region_route_failing_test, leaves_a_region_that_lacks_a_write_whatever_else_it_answers) {
  route.succeeded(east, command_kind::write, start + 500ms);
  route.lacks_a_write(east, start + 500ms);
  EXPECT_TRUE(follow(500ms).moved);
  EXPECT_EQ(route.notice_due(west, start + 500ms), notice_kind::bridged);
}

}  // namespace
}  // namespace mooring::sessiond
