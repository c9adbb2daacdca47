#include "tests/support/following_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;
using test::key;
using test::now;

using following_store_test = test::following_fixture;

TEST_F(following_store_test, uses_the_primary_while_it_answers) {
  ASSERT_TRUE(save("cart", no_version, 1));
  EXPECT_EQ(load(), "cart");
  EXPECT_EQ(west.broken->calls, 0);
}

TEST_F(following_store_test, tells_whether_a_session_exists_and_was_removed_and_never_takes_an_error_for_an_answer) {
  EXPECT_FALSE(run(store->exists(key, soon())).value());
  EXPECT_FALSE(run(store->remove(key, no_version, soon())).value());
  ASSERT_TRUE(save("cart", no_version, 1));
  EXPECT_TRUE(run(store->exists(key, soon())).value());
  EXPECT_TRUE(run(store->remove(key, 1, soon())).value());
  EXPECT_FALSE(run(store->exists(key, soon())).value());
  breaks(east);
  breaks(west);
  EXPECT_EQ(run(store->exists(key, soon())).error().code(), errc::region_unavailable);
  EXPECT_EQ(run(store->remove(key, 1, soon())).error().code(), errc::region_unavailable);
}

TEST_F(following_store_test, bridges_each_fault_of_a_region_and_no_other_fault) {
  for (const errc fault : {errc::region_unavailable, errc::timed_out, errc::no_network}) {
    ASSERT_TRUE(save_in(*west.store, "cart", no_version, 1));
    breaks(east, fault);
    EXPECT_EQ(load(), "cart");
    mends(east);
    look_for(bridge_time + 1s);
    EXPECT_EQ(store->where().in_use(), "us-east-1") << "it has answered for a while";
    ASSERT_TRUE(run(west.store->remove(key, no_version, soon())));
    time.advance(relapse_time);
    look();
  }
  for (const errc fault : {errc::throttled, errc::misconfigured, errc::clock_skew, errc::bad_data}) {
    breaks(east, fault);
    EXPECT_EQ(run(store->load(key, soon())).error().code(), fault);
    EXPECT_FALSE(store->where().bridging());
  }
}

TEST_F(following_store_test, no_command_asks_a_broken_region_again) {
  breaks(east);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(load(), "-");
  EXPECT_EQ(east.broken->calls, 1);
  time.advance(60s);
  EXPECT_EQ(load(), "-");
  EXPECT_EQ(east.broken->calls, 1) << "looks find out that it is back";
}

TEST_F(following_store_test, sends_nothing_to_a_region_that_is_avoided) {
  ASSERT_TRUE(save("cart", no_version, 1));
  const int calls = east.broken->calls;
  store->where().avoid("us-east-1", time.steady() + 10s);
  EXPECT_TRUE(store->where().avoids(0));
  EXPECT_EQ(load(), "cart");
  ASSERT_TRUE(save("bigger cart", 1, 2));
  ASSERT_EQ(run(store->acquire(key, soon())).value().answer, lease_answer::taken);
  breaks(west);
  EXPECT_FALSE(run(store->load(key, soon()))) << "not even when nothing else is left";
  EXPECT_FALSE(run(store->renew(key, soon())));
  EXPECT_FALSE(run(store->release(key, soon())));
  EXPECT_EQ(east.broken->calls, calls);
  mends(west);
  time.advance(10s);
  look();
  EXPECT_FALSE(store->where().avoids(0));
  EXPECT_EQ(load(), "bigger cart");
  EXPECT_GT(east.broken->calls, calls);
  store->where().avoid("us-east-1", time.steady() + 10s);
  store->where().avoid("", time.steady());
  EXPECT_FALSE(store->where().avoids(0));
}

TEST_F(following_store_test, fails_when_both_regions_do) {
  breaks(east);
  breaks(west, errc::timed_out);
  EXPECT_EQ(run(store->load(key, soon())).error().code(), errc::timed_out);
  EXPECT_EQ(save("cart", no_version, 1).error().code(), errc::timed_out) << "the last that was asked";
}

TEST_F(following_store_test, serves_what_it_has_stored_though_the_other_region_lacks_it) {
  ASSERT_TRUE(save("cart", no_version, 1));
  breaks(east);
  EXPECT_EQ(load(), "cart");
  EXPECT_TRUE(run(store->exists(key, soon())).value());
  ASSERT_TRUE(run(store->acquire(key, soon())).value().answer == lease_answer::taken);
  EXPECT_EQ(load_in(*west.store), "cart") << "and opening brought it along";
}

TEST_F(following_store_test, serves_what_it_has_stored_though_the_other_region_has_an_older_version) {
  ASSERT_TRUE(save_in(*west.store, "old", no_version, 1));
  ASSERT_TRUE(save_in(*east.store, "old", no_version, 1));
  ASSERT_TRUE(save("new", 1, 2));
  breaks(east);
  EXPECT_EQ(load(), "new");
  const auto opened = run(store->acquire(key, soon())).value();
  EXPECT_EQ(opened.session.data, "new");
  ASSERT_TRUE(save("newer", opened.session.version, 3));
  EXPECT_EQ(load_in(*west.store), "newer");
}

TEST_F(following_store_test, a_page_that_was_opened_in_the_failed_region_is_stored_in_the_other) {
  ASSERT_TRUE(save_in(*west.store, "older", no_version, 1));
  ASSERT_TRUE(save_in(*east.store, "read", no_version, 2));
  ASSERT_EQ(run(store->acquire(key, soon())).value().session.data, "read");
  breaks(east);
  ASSERT_TRUE(save("by the page", 2, 3));
  EXPECT_EQ(load_in(*west.store), "by the page");
}

TEST_F(following_store_test, a_page_does_not_overwrite_what_is_newer_in_the_other_region) {
  ASSERT_TRUE(save_in(*east.store, "read", no_version, 2));
  ASSERT_EQ(run(store->acquire(key, soon())).value().session.data, "read");
  ASSERT_TRUE(save_in(*west.store, "newer", no_version, 3));
  breaks(east);
  EXPECT_EQ(save("by the page", 2, 4).error().code(), errc::stale);
  EXPECT_EQ(load_in(*west.store), "newer");
}

TEST_F(following_store_test, within_one_region_the_version_must_be_the_one_that_was_read) {
  ASSERT_TRUE(save("first", no_version, 5));
  ASSERT_TRUE(save_in(*east.store, "by another node", 5, 6));
  EXPECT_EQ(save("late", 5, 7).error().code(), errc::stale);
  ASSERT_TRUE(run(east.store->remove(key, no_version, soon())));
  EXPECT_EQ(save("after logout", 6, 7).error().code(), errc::stale);
}

TEST_F(following_store_test, a_lease_of_another_region_hinders_nobody) {
  const auto other_node = east.table.store("another node");
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_EQ(run(other_node->acquire(key, soon())).value().answer, lease_answer::taken);
  EXPECT_EQ(run(store->acquire(key, soon())).value().answer, lease_answer::held_elsewhere);
  breaks(east);
  EXPECT_EQ(run(store->acquire(key, soon())).value().answer, lease_answer::taken);
}

TEST_F(following_store_test, recent_writes_are_stored_where_another_node_has_to_be) {
  ASSERT_TRUE(save("cart", no_version, 1));
  gives_notice(west);
  settle();
  EXPECT_EQ(store->where().in_use(), "eu-west-1");
  EXPECT_EQ(store->where().preferred(), "us-east-1");
  EXPECT_EQ(load_in(*west.store), "cart");
}

TEST_F(following_store_test, after_a_move_away_from_a_failing_region_recent_writes_are_stored_there) {
  ASSERT_TRUE(save("cart", no_version, 1));
  breaks(east);
  look();
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  settle();
  EXPECT_EQ(load_in(*west.store), "cart");
  EXPECT_EQ(store->where().preferred(), "eu-west-1");
}

TEST_F(following_store_test, after_a_move_between_two_sound_regions_replication_brings_what_is_recent) {
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  settle();
  EXPECT_EQ(load_in(*west.store), "-") << "another node may have written since, and a replay would replace that";
  EXPECT_EQ(load(), "cart") << "but who comes sees it";
}

TEST_F(following_store_test, a_replay_never_replaces_what_is_newer) {
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "newer", no_version, 2));
  gives_notice(west);
  settle();
  EXPECT_EQ(load_in(*west.store), "newer");
  EXPECT_EQ(load(), "newer");
}

TEST_F(following_store_test, who_logged_out_stays_logged_out_in_the_other_region) {
  ASSERT_TRUE(save_in(*west.store, "cart", no_version, 1));
  ASSERT_TRUE(save_in(*east.store, "cart", no_version, 1));
  ASSERT_TRUE(run(store->remove(key, no_version, soon())).value());
  breaks(east);
  EXPECT_EQ(load(), "-");
  EXPECT_FALSE(run(store->exists(key, soon())).value());
  EXPECT_EQ(run(store->acquire(key, soon())).value().answer, lease_answer::absent);
  EXPECT_EQ(load_in(*west.store), "-") << "and opening brought that along";
}

TEST_F(following_store_test, what_another_node_removed_does_not_come_back) {
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_TRUE(run(east.store->remove(key, no_version, soon())).value());
  EXPECT_EQ(load(), "-");
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  settle();
  EXPECT_EQ(load(), "-");
}

TEST_F(following_store_test, a_touch_where_the_version_has_not_arrived_is_no_failure) {
  ASSERT_TRUE(save("cart", no_version, 1));
  breaks(east);
  session_touch touch;
  touch.version = 1;
  touch.expires = now + 2000;
  EXPECT_TRUE(run(store->touch(key, touch, soon())));
  EXPECT_EQ(load(), "cart");
}

TEST_F(following_store_test, going_back_no_cart_goes_back_in_time) {
  ASSERT_TRUE(save("before", no_version, 1));
  breaks(east);
  ASSERT_TRUE(save("during", 1, 2));
  mends(east);
  look_for(bridge_time + 1s);
  EXPECT_EQ(store->where().in_use(), "us-east-1");
  EXPECT_EQ(load(), "during") << "the primary still has the older one";
  const auto opened = run(store->acquire(key, soon())).value();
  EXPECT_EQ(opened.session.data, "during");
  ASSERT_TRUE(save("after", opened.session.version, 3));
  EXPECT_EQ(load_in(*east.store), "after");
}

TEST_F(following_store_test, refuses_a_region_that_is_not_configured) {
  EXPECT_EQ(store->where().publish("ap-south-1").error().code(), errc::misconfigured);
  EXPECT_EQ(store->where().preferred(), "us-east-1");
}

TEST_F(following_store_test, who_was_asked_with_no_time_left_has_not_failed) {
  breaks(east, errc::timed_out);
  breaks(west, errc::timed_out);
  EXPECT_FALSE(run(store->load(key, time.steady() + 499ms)));
  EXPECT_FALSE(store->where().bridging());
  mends(west);
  EXPECT_EQ(load(), "-");
  EXPECT_TRUE(store->where().bridging());
}

TEST_F(following_store_test, what_is_read_again_is_as_recent_as_that) {
  ASSERT_TRUE(save_in(*east.store, "cart", no_version, 1));
  EXPECT_EQ(load(), "cart");
  time.advance(119s);
  look();
  EXPECT_EQ(load(), "cart");
  time.advance(2s);
  look();
  breaks(east);
  ASSERT_TRUE(save_in(*west.store, "not replicated yet", no_version, 0));
  EXPECT_TRUE(save("by the page", 1, 2)) << "it was read in the region that failed, two seconds ago";
}

}  // namespace
}  // namespace mooring::sessiond
