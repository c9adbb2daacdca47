#include "tests/support/route_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace test;
using region_route_doubt_test = route_fixture;

TEST_F(region_route_doubt_test, uses_the_primary_and_doubts_nothing_while_all_is_well) {
  EXPECT_EQ(route.in_use(), east);
  EXPECT_FALSE(route.in_doubt(start));
  EXPECT_FALSE(route.notice_due(east, start));
  EXPECT_FALSE(route.notice_due(west, start));
}

TEST_F(region_route_doubt_test, a_new_process_does_not_know_whether_the_notice_it_finds_is_of_last_year) {
  region_route fresh(2, start);
  const auto see = [&fresh](const notice_stamps& seen, milliseconds after) {
    fresh.looked(west, start + after, seen, start + after);
    fresh.looked(east, start + after, nobody, start + after);
    fresh.follow(start + after);
  };
  see(published("of last year"), 0s);
  EXPECT_EQ(fresh.in_use(), east);
  EXPECT_TRUE(fresh.in_doubt(start)) << "a node that means it changes it within a second";
  see(published("of last year"), notice_life);
  EXPECT_FALSE(fresh.in_doubt(start + notice_life));
  see(published("new"), notice_life);
  EXPECT_EQ(fresh.in_use(), west);
}

TEST_F(region_route_doubt_test, doubts_after_a_change_until_replication_has_caught_up) {
  route.publish(west);
  follow(1s);
  look(30s);
  EXPECT_TRUE(route.in_doubt(start + 1s + doubt_time - 1ms));
  EXPECT_FALSE(route.in_doubt(start + 1s + doubt_time));
}

TEST_F(region_route_doubt_test, doubts_for_as_long_as_the_region_has_been_failing) {
  const milliseconds back = 20min;
  fails(east, 0s);
  follow(0s);
  answers(east, back, back + bridge_time);
  follow(back + bridge_time);
  look(2 * back + bridge_time);
  EXPECT_EQ(route.in_use(), east);
  EXPECT_TRUE(route.in_doubt(start + 2 * (back + bridge_time) - 1ms));
  look(2 * (back + bridge_time));
  EXPECT_FALSE(route.in_doubt(start + 2 * (back + bridge_time)));
}

TEST_F(region_route_doubt_test, doubts_for_an_hour_at_most) {
  const milliseconds back = 24h;
  fails(east, 0s);
  follow(0s);
  answers(east, back, back + bridge_time);
  follow(back + bridge_time);
  look(back + bridge_time + longest_doubt);
  EXPECT_FALSE(route.in_doubt(start + back + bridge_time + longest_doubt));
}

TEST_F(region_route_doubt_test, doubts_while_another_node_is_elsewhere) {
  route.publish(west);
  follow(0s);
  sees(east, bridged("a"), 40s);
  fails(east, 40s);
  follow(40s);
  EXPECT_EQ(route.in_use(), west);
  EXPECT_TRUE(route.in_doubt(start + 40s));
}

TEST_F(region_route_doubt_test, doubts_when_it_has_not_looked_for_a_while) {
  EXPECT_FALSE(route.in_doubt(start + look_life - 1ms));
  EXPECT_TRUE(route.in_doubt(start + look_life)) << "this process was stopped, or its looks are throttled";
  sees(east, nobody, 10s);
  EXPECT_TRUE(route.in_doubt(start + 10s));
  sees(west, nobody, 10s);
  EXPECT_FALSE(route.in_doubt(start + 10s));
}

TEST_F(region_route_doubt_test, does_not_doubt_for_a_region_at_which_it_may_not_look) {
  look(60s);
  route.look_refused(west, start + 61s);
  sees(east, nobody, 61s);
  EXPECT_FALSE(route.in_doubt(start + 62s));
}

TEST_F(region_route_doubt_test, is_settled_a_moment_after_a_change) {
  EXPECT_LE(route.settled_at(), start);
  fails(east, 1s);
  follow(1s);
  EXPECT_EQ(route.settled_at(), start + 1s + settle_time);
  follow(2s);
  EXPECT_EQ(route.settled_at(), start + 1s + settle_time) << "there was no other change";
}

TEST_F(region_route_doubt_test, settles_later_where_a_look_takes_longer) {
  const auto look_takes = [this](milliseconds took) { route.looked(west, start, nobody, start + took); };
  look_takes(150ms);
  for (int i = 0; i < 100; ++i)
    look_takes(100ms);
  look_takes(800ms);  // a busy machine
  fails(east, 1s);
  follow(1s);
  const auto settled = route.settled_at() - (start + 1s);
  EXPECT_GE(settled, settle_time);
  EXPECT_LE(settled, settle_time + 1s);
}

TEST_F(region_route_doubt_test, a_distant_region_is_given_the_time_of_four_looks_and_no_more_than_two_seconds) {
  for (const auto& [took, more] : {std::pair{250ms, 1000ms}, {3000ms, 2000ms}}) {
    region_route distant(2, start);
    distant.looked(west, start, nobody, start + took);
    distant.failed(east, command_kind::write, start, start + 4s);
    distant.follow(start + 4s);
    EXPECT_EQ(distant.settled_at() - (start + 4s), settle_time + more);
  }
}

TEST_F(region_route_doubt_test, a_new_process_doubts_for_an_hour_after_the_last_notice_of_a_bridge) {
  look(10min);
  EXPECT_FALSE(route.in_doubt(start + 10min));
  route.was_bridged(20min, start + 10min);
  look(50min);
  EXPECT_TRUE(route.in_doubt(start + 50min - 1ms));
  EXPECT_FALSE(route.in_doubt(start + 50min));
  route.was_bridged(24h, start + 50min);
  EXPECT_FALSE(route.in_doubt(start + 50min));
  region_route alone(1, start);
  alone.was_bridged(0s, start);
  EXPECT_FALSE(alone.in_doubt(start));
}

}  // namespace
}  // namespace mooring::sessiond
