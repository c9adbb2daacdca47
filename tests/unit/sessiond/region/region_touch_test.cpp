// A moved expiry is as good as a commit: what was acknowledged outlives the region that it was made in.
#include "tests/support/following_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;
using test::key;
using test::now;

constexpr std::int64_t first_expiry = now + 1000;  // as save_in() has it
constexpr std::int64_t moved_expiry = now + 2000;

struct region_touch_test : test::following_fixture {
  // A page that reads only.
  result<void> read_and_touch(std::int64_t expires = moved_expiry) {
    const auto opened = run(store->acquire(key, soon())).value();
    return touch(opened.session.version, expires);
  }
  void replicate() {
    ASSERT_TRUE(save_in(*east.store, "cart", no_version, 1));
    ASSERT_TRUE(save_in(*west.store, "cart", no_version, 1));
  }
  void leave_east() {
    breaks(east);
    look();
    until_replayed();
  }
};

TEST_F(region_touch_test, outlives_a_region_that_dies_after_it_was_acknowledged) {
  replicate();
  ASSERT_TRUE(read_and_touch());
  EXPECT_EQ(expiry_in(*west.store), first_expiry) << "nothing is in doubt, so replication has to bring it";
  leave_east();
  EXPECT_EQ(expiry_in(*west.store), moved_expiry);
  EXPECT_EQ(load_in(*west.store), "cart");
}

TEST_F(region_touch_test, outlives_it_when_this_process_had_stored_the_session_itself) {
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "cart", no_version, 1));
  ASSERT_TRUE(touch(1, moved_expiry));
  leave_east();
  EXPECT_EQ(expiry_in(*west.store), moved_expiry);
}

TEST_F(region_touch_test, brings_back_what_has_expired_meanwhile_in_the_other_region) {
  replicate();
  ASSERT_TRUE(read_and_touch());
  time.set_wall(first_expiry);
  leave_east();
  EXPECT_EQ(load_in(*west.store), "cart");
}

TEST_F(region_touch_test, an_open_before_the_replay_finds_what_has_expired_meanwhile) {
  replicate();
  ASSERT_TRUE(read_and_touch());
  time.set_wall(first_expiry);
  breaks(east);
  EXPECT_EQ(run(store->acquire(key, soon())).value().session.data, "cart");
}

TEST_F(region_touch_test, a_look_before_the_replay_finds_what_has_expired_meanwhile) {
  replicate();
  ASSERT_TRUE(read_and_touch());
  time.set_wall(first_expiry);
  breaks(east);
  EXPECT_EQ(load(), "cart");
}

TEST_F(region_touch_test, waits_for_its_version_to_arrive) {
  ASSERT_TRUE(save_in(*east.store, "cart", no_version, 1));
  ASSERT_TRUE(read_and_touch());
  breaks(east);
  look();
  settle();
  EXPECT_TRUE(store->replaying()) << "the table has nothing to extend";
  ASSERT_TRUE(save_in(*west.store, "cart", no_version, 1));
  until_replayed();
  EXPECT_EQ(expiry_in(*west.store), moved_expiry);
}

TEST_F(region_touch_test, waits_for_its_version_where_an_older_one_is) {
  ASSERT_TRUE(save_in(*west.store, "older", no_version, 1));
  ASSERT_TRUE(save_in(*east.store, "cart", no_version, 2));
  ASSERT_TRUE(read_and_touch());
  breaks(east);
  look();
  settle();
  EXPECT_TRUE(store->replaying());
  EXPECT_EQ(expiry_in(*west.store), first_expiry) << "it is not the session that was extended";
  ASSERT_TRUE(save_in(*west.store, "cart", 1, 2));
  until_replayed();
  EXPECT_EQ(expiry_in(*west.store), moved_expiry);
}

TEST_F(region_touch_test, gives_way_to_what_is_newer) {
  replicate();
  ASSERT_TRUE(read_and_touch());
  ASSERT_TRUE(save_in(*west.store, "newer", 1, 2));
  leave_east();
  EXPECT_EQ(load_in(*west.store), "newer");
  EXPECT_EQ(expiry_in(*west.store), first_expiry);
}

TEST_F(region_touch_test, does_not_shorten_what_another_node_has_extended_further) {
  replicate();
  ASSERT_TRUE(read_and_touch());
  session_touch further;
  further.version = 1;
  further.expires = moved_expiry + 500;
  ASSERT_TRUE(run(west.store->touch(key, further, soon())));
  leave_east();
  EXPECT_EQ(expiry_in(*west.store), moved_expiry + 500);
}

TEST_F(region_touch_test, does_not_bring_back_who_logged_out) {
  replicate();
  ASSERT_TRUE(read_and_touch());
  ASSERT_TRUE(run(store->remove(key, 1, soon())).value());
  leave_east();
  EXPECT_EQ(load_in(*west.store), "-");
}

TEST_F(region_touch_test, is_remembered_though_the_session_is_read_again) {
  replicate();
  ASSERT_TRUE(read_and_touch());
  EXPECT_EQ(load(), "cart");
  leave_east();
  EXPECT_EQ(expiry_in(*west.store), moved_expiry);
}

TEST_F(region_touch_test, in_doubt_both_regions_have_it_when_it_is_acknowledged) {
  replicate();
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  ASSERT_TRUE(read_and_touch());
  EXPECT_EQ(expiry_in(*west.store), moved_expiry);
  EXPECT_EQ(expiry_in(*east.store), moved_expiry);
}

TEST_F(region_touch_test, in_doubt_a_version_that_has_not_arrived_is_brought_with_it) {
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  ASSERT_TRUE(save_in(*west.store, "cart", no_version, 1));
  ASSERT_TRUE(touch(1, moved_expiry));
  EXPECT_EQ(load_in(*east.store), "cart");
  EXPECT_EQ(expiry_in(*east.store), moved_expiry);
}

TEST_F(region_touch_test, of_a_page_that_was_opened_before_a_move_is_made_where_sessions_are) {
  replicate();
  const auto opened = run(store->acquire(key, soon())).value();
  breaks(east);
  ASSERT_TRUE(touch(opened.session.version, moved_expiry));
  EXPECT_EQ(expiry_in(*west.store), moved_expiry);
}

TEST_F(region_touch_test, of_a_page_whose_version_the_other_region_lacks_is_made_when_it_arrives) {
  ASSERT_TRUE(save_in(*west.store, "older", no_version, 1));
  ASSERT_TRUE(save_in(*east.store, "cart", no_version, 2));
  ASSERT_EQ(run(store->acquire(key, soon())).value().session.version, 2);
  breaks(east);
  ASSERT_TRUE(touch(2, moved_expiry)) << "nothing can be extended yet, and nothing is lost";
  EXPECT_EQ(expiry_in(*west.store), first_expiry);
  ASSERT_TRUE(save_in(*west.store, "cart", 1, 2));
  until_replayed();
  EXPECT_EQ(expiry_in(*west.store), moved_expiry);
}

}  // namespace
}  // namespace mooring::sessiond
