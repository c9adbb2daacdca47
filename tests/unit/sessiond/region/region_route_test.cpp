#include "tests/support/route_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace test;
using region_route_test = route_fixture;

TEST_F(region_route_test, follows_what_is_published) {
  route.publish(west);
  const auto change = follow(0s);
  EXPECT_TRUE(change.moved);
  EXPECT_FALSE(change.must_replay) << "the primary can be asked by all, as far as is known";
  EXPECT_EQ(route.in_use(), west);
  EXPECT_FALSE(route.bridging(start));
}

TEST_F(region_route_test, bridges_a_region_that_failed_a_command) {
  fails(east, 0s);
  const auto change = follow(0s);
  EXPECT_TRUE(change.moved);
  EXPECT_TRUE(change.must_replay);
  EXPECT_EQ(route.in_use(), west);
  EXPECT_EQ(route.preferred(), east);
  EXPECT_TRUE(route.bridging(start));
}

TEST_F(region_route_test, does_not_bridge_a_region_that_answered_others_meanwhile) {
  route.succeeded(east, command_kind::write, start + 500ms);
  route.failed(east, command_kind::write, start, start + 1s);
  EXPECT_FALSE(follow(1s).moved);
  look(1s);
  EXPECT_TRUE(route.in_doubt(start + 1s)) << "what failed may have been done in the other region";
  route.failed(east, command_kind::write, start + 600ms, start + 1s);
  EXPECT_TRUE(follow(1s).moved);
}

TEST_F(region_route_test, ends_a_bridge_when_the_region_has_answered_everything_for_a_while) {
  fails(east, 0s);
  follow(0s);
  answers(east, 1s, 3s);
  fails(east, 3s);
  answers(east, 3500ms, 3500ms + bridge_time - 1ms);
  EXPECT_FALSE(follow(9s).moved);
  sees(east, nobody, 3500ms + bridge_time);
  EXPECT_TRUE(follow(9s).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_test, stays_where_it_is_when_the_other_region_fails_too) {
  fails(west, 0s);
  fails(east, 0s);
  EXPECT_FALSE(follow(0s).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_test, does_not_leave_a_region_that_answers_again_because_the_other_one_was_back_first) {
  fails(west, 0s);
  fails(east, 0s);
  follow(0s);
  sees(west, nobody, 10s);
  sees(east, nobody, 10s + 100ms);
  sees(west, nobody, 10s + bridge_time);
  EXPECT_FALSE(follow(10s + bridge_time).moved);
  EXPECT_EQ(route.in_use(), east);
  fails(east, 16s);
  EXPECT_TRUE(follow(16s).moved);
}

TEST_F(region_route_test, has_nothing_to_decide_with_one_region) {
  region_route alone(1, start);
  alone.failed(east, command_kind::write, start, start);
  EXPECT_FALSE(alone.follow(start).moved);
  EXPECT_EQ(alone.in_use(), east);
  EXPECT_FALSE(alone.in_doubt(start));
  EXPECT_FALSE(alone.notice_due(east, start));
}

TEST_F(region_route_test, treats_an_avoided_region_as_failing_for_that_time) {
  route.avoid(east, start + 30s);
  EXPECT_TRUE(follow(0s).moved);
  EXPECT_TRUE(route.avoids(east, start + 30s - 1ms));
  EXPECT_FALSE(route.avoids(east, start + 30s));
  EXPECT_TRUE(follow(30s).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_test, gives_notice_while_it_bridges) {
  fails(east, 0s);
  follow(0s);
  EXPECT_EQ(route.notice_due(west, start), notice_kind::bridged);
  EXPECT_FALSE(route.notice_due(east, start));
}

TEST_F(region_route_test, gives_notice_in_the_primary_while_it_could_not_leave_it) {
  fails(west, 0s);
  follow(0s);
  EXPECT_EQ(route.notice_due(east, start), notice_kind::bridged);
  fails(east, 0s);
  follow(0s);
  EXPECT_FALSE(route.notice_due(east, start)) << "nobody could take it";
}

TEST_F(region_route_test, stays_where_a_node_is_that_could_not_follow) {
  sees(east, bridged("a"), 0s);
  route.publish(west);
  EXPECT_FALSE(follow(0s).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_test, gives_notice_while_the_secondary_is_published) {
  route.publish(west);
  follow(0s);
  EXPECT_EQ(route.notice_due(west, start), notice_kind::published);
}

TEST_F(region_route_test, leaves_it_to_another_node_that_has_given_notice_just_now) {
  fails(east, 0s);
  follow(0s);
  sees(west, bridged("a"), 1s);
  EXPECT_FALSE(route.notice_due(west, start + 1s + notice_refresh - 1ms));
  EXPECT_EQ(route.notice_due(west, start + 1s + notice_refresh), notice_kind::bridged);
}

TEST_F(region_route_test, goes_where_another_node_has_to_be_and_brings_along_what_that_lacks) {
  sees(west, bridged("a"), 0s);
  const auto change = follow(0s);
  EXPECT_TRUE(change.moved);
  EXPECT_TRUE(change.must_replay);
  EXPECT_EQ(route.in_use(), west);
  EXPECT_FALSE(route.bridging(start));
  EXPECT_FALSE(route.notice_due(west, start)) << "or two nodes would hold each other there for ever";
}

TEST_F(region_route_test, a_notice_ends_when_its_stamp_stays_the_same) {
  sees(west, bridged("a"), 0s);
  follow(0s);
  sees(west, bridged("a"), notice_life - 1ms);
  EXPECT_FALSE(follow(notice_life).moved) << "without a look nothing is over";
  sees(west, bridged("a"), notice_life);
  EXPECT_TRUE(follow(notice_life).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_test, a_notice_that_is_gone_is_over) {
  sees(west, bridged("a"), 0s);
  follow(0s);
  sees(west, nobody, 1s);
  EXPECT_TRUE(follow(1s).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_test, does_not_go_where_it_is_failed_itself) {
  fails(west, 0s);
  sees(west, bridged("a"), 1s);
  EXPECT_FALSE(follow(1s).moved);
}

TEST_F(region_route_test, stays_until_the_last_node_has_published_the_way_back) {
  route.publish(west);
  follow(0s);
  sees(west, published("a"), 1s);
  route.publish(east);
  EXPECT_FALSE(follow(1s).moved);
  EXPECT_FALSE(route.notice_due(west, start + 3s));
  EXPECT_TRUE(route.in_doubt(start + 1s)) << "what is stored from now on is stored in both";
  sees(west, published("b"), 3s);
  EXPECT_FALSE(follow(5s).moved);
  sees(west, published("b"), 3s + notice_life);
  EXPECT_TRUE(follow(3s + notice_life).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_test, a_node_that_cannot_be_elsewhere_counts_more_than_one_that_was_moved) {
  route.publish(west);
  follow(0s);
  sees(west, published("a"), 1s);
  sees(east, bridged("b"), 1s);
  EXPECT_TRUE(follow(1s).moved);
  EXPECT_EQ(route.in_use(), east);
}

TEST_F(region_route_test, two_failed_looks_in_a_row_are_a_failing_region) {
  route.look_failed(east, start);
  EXPECT_FALSE(follow(0s).moved);
  sees(east, nobody, 1s);
  route.look_failed(east, start + 2s);
  EXPECT_FALSE(follow(2s).moved);
  route.look_failed(east, start + 3s);
  EXPECT_TRUE(follow(3s).moved);
}

TEST_F(region_route_test, a_look_that_succeeds_excuses_no_failed_command) {
  sees(east, nobody, 500ms);
  route.failed(east, command_kind::write, start, start + 1s);
  EXPECT_TRUE(follow(1s).moved) << "a region may read and not write";
}

TEST_F(region_route_test, asks_for_a_replay_once_for_each_reason) {
  route.publish(west);
  EXPECT_FALSE(follow(0s).must_replay);
  fails(east, 1s);
  EXPECT_TRUE(follow(1s).must_replay) << "what is there cannot be asked for any more";
  EXPECT_FALSE(follow(2s).must_replay);
  answers(east, 2s, 7s);
  EXPECT_FALSE(follow(7s).must_replay);
  sees(west, bridged("a"), 8s);
  EXPECT_TRUE(follow(8s).must_replay) << "another node cannot ask there";
}

TEST_F(region_route_test, answered_reads_excuse_no_failed_write) {
  route.succeeded(east, command_kind::read, start + 500ms);
  route.failed(east, command_kind::read, start, start + 1s);
  EXPECT_FALSE(follow(1s).moved);
  route.failed(east, command_kind::write, start, start + 1s);
  EXPECT_TRUE(follow(1s).moved);
}

TEST_F(region_route_test, an_answered_write_excuses_a_failed_read) {
  route.succeeded(east, command_kind::write, start + 500ms);
  route.failed(east, command_kind::read, start, start + 1s);
  EXPECT_FALSE(follow(1s).moved);
}

}  // namespace
}  // namespace mooring::sessiond
