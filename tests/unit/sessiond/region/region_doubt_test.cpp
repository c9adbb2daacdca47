// Nodes that do not use the same region for a moment, or may not: what one of them does that knows so.
#include "tests/support/following_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;
using test::key;

struct region_doubt_test : test::following_fixture {
  static session_write write_of(const std::string& data, session_version expected, session_version version) {
    session_write out;
    out.data = data;
    out.expected = expected;
    out.version = version;
    out.expires = test::now + 1000;
    return out;
  }
  int saved_ = 0;
  // What happens while a save is under way.
  task<void> write_another() { co_await store->touch("another", session_touch(), soon()); }
  task<void> hear_of_a_bridge_to(const side& region) {
    gives_notice(region);
    co_return;
  }
  static task<void> mend_saves_of(side& region) {
    region.broken->before_save.reset();
    co_return;
  }
};

TEST_F(region_doubt_test, in_doubt_the_newer_of_both_copies_is_opened) {
  ASSERT_TRUE(save_in(*east.store, "before", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  ASSERT_TRUE(save_in(*east.store, "by another node", 1, 2));
  EXPECT_EQ(load(), "by another node");
  EXPECT_TRUE(run(store->exists(key, soon())).value());
  const auto opened = run(store->acquire(key, soon())).value();
  EXPECT_EQ(opened.session.data, "by another node");
  EXPECT_EQ(load_in(*west.store), "by another node") << "the lease is on the newer copy";
}

TEST_F(region_doubt_test, in_doubt_what_is_stored_is_stored_in_both) {
  ASSERT_TRUE(save_in(*east.store, "before", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  const auto opened = run(store->acquire(key, soon())).value();
  ASSERT_TRUE(save("after", opened.session.version, 2));
  EXPECT_EQ(load_in(*west.store), "after");
  EXPECT_EQ(load_in(*east.store), "after");
  ASSERT_TRUE(run(store->remove(key, 2, soon())).value());
  EXPECT_EQ(load_in(*west.store), "-");
  EXPECT_EQ(load_in(*east.store), "-");
}

TEST_F(region_doubt_test, in_doubt_a_newer_copy_in_the_other_region_is_not_replaced) {
  ASSERT_TRUE(save_in(*west.store, "read", no_version, 1));
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  ASSERT_TRUE(save_in(*east.store, "newer", no_version, 3));
  ASSERT_TRUE(save("by the page", 1, 2));
  EXPECT_EQ(load_in(*east.store), "newer");
}

TEST_F(region_doubt_test, no_lease_is_taken_on_the_older_copy) {
  ASSERT_TRUE(save_in(*east.store, "before", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  ASSERT_TRUE(save_in(*east.store, "by another node", 1, 2));
  west.broken->before_save = errc::throttled;
  EXPECT_EQ(run(store->acquire(key, soon())).error().code(), errc::throttled);
  EXPECT_EQ(west.broken->leases, 0) << "it would be the last write of the item, and replace the newer copy";
}

TEST_F(region_doubt_test, an_open_fails_when_too_much_load_hides_which_copy_is_newer) {
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  breaks(east, errc::throttled);
  EXPECT_EQ(run(store->load(key, soon())).error().code(), errc::throttled);
  EXPECT_EQ(run(store->acquire(key, soon())).error().code(), errc::throttled);
  breaks(east, errc::misconfigured);
  EXPECT_EQ(load(), "before") << "a region where this node may not look is not used by others of its kind";
}

TEST_F(region_doubt_test, a_commit_over_a_bridge_is_acknowledged_when_the_other_nodes_can_know_of_it) {
  breaks(east);
  const steady_time begun = time.steady();
  ASSERT_TRUE(save("cart", no_version, 1));
  EXPECT_GE(time.steady() - begun, settle_time);
  const steady_time later = time.steady();
  ASSERT_TRUE(save("bigger cart", 1, 2));
  EXPECT_LT(time.steady() - later, settle_time);
}

TEST_F(region_doubt_test, what_a_replay_found_to_be_older_does_not_come_back_after_a_logout) {
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "by another node", no_version, 2));
  breaks(east);
  look();
  settle();
  ASSERT_TRUE(run(west.store->remove(key, no_version, soon())).value());
  EXPECT_EQ(load(), "-");
}

// Of what expires in the other region before the bridge; an older copy is written here.
TEST_F(region_doubt_test, a_newer_copy_that_has_expired_does_not_stand_in_the_way_of_a_page) {
  ASSERT_TRUE(save_in(*east.store, "read", no_version, 2));
  ASSERT_EQ(run(store->acquire(key, soon())).value().session.data, "read");
  session_write newer = write_of("newer", no_version, 3);
  newer.expires = test::now + 10;
  ASSERT_TRUE(run(west.store->save(key, std::move(newer), soon())));
  time.set_wall(test::now + 10);
  breaks(east);
  ASSERT_TRUE(save("by the page", 2, 4));
  EXPECT_EQ(load_in(*west.store), "by the page");
}

TEST_F(region_doubt_test, a_replay_leaves_a_newer_copy_as_it_is_when_that_has_expired) {
  ASSERT_TRUE(save("cart", no_version, 2));
  session_write newer = write_of("newer", no_version, 3);
  newer.expires = test::now + 10;
  ASSERT_TRUE(run(west.store->save(key, std::move(newer), soon())));
  time.set_wall(test::now + 10);
  breaks(east);
  look();
  until_replayed();
  EXPECT_EQ(load_in(*west.store), "-") << "what was overtaken does not come back";
  time.set_wall(test::now);
  EXPECT_EQ(load_in(*west.store), "newer");
}

TEST_F(region_doubt_test, what_expires_for_want_of_memory_is_counted_and_told) {
  const std::string large(max_raw_bytes, 'x');
  const int fit = static_cast<int>(max_recent_bytes / max_raw_bytes);
  const auto write_many = [&](int count) {
    for (int i = 0; i < count; ++i) {
      session_write write = write_of(large, no_version, 1);
      ASSERT_TRUE(run(store->save("k" + std::to_string(saved_++), std::move(write), soon())));
    }
  };
  write_many(fit - 1);
  EXPECT_NE(registry.render().find("mooring_sessiond_recent_dropped_total 0"), std::string::npos);
  EXPECT_EQ(lines.find("region.recent_dropped"), std::string::npos);
  write_many(2);
  EXPECT_NE(registry.render().find("mooring_sessiond_recent_dropped_total 2"), std::string::npos);
  EXPECT_EQ(lines.find("region.recent_dropped"), lines.rfind("region.recent_dropped")) << "one line a second";
  EXPECT_NE(lines.find("region.recent_dropped"), std::string::npos);
  time.advance(121s);
  store->measure();
  EXPECT_NE(registry.render().find("mooring_sessiond_recent_bytes 0"), std::string::npos);
}

TEST_F(region_doubt_test, a_replay_goes_on_when_the_region_has_had_too_much_load) {
  for (int i = 0; i < 40; ++i) {
    session_write write;
    write.data = "cart";
    write.version = 1;
    write.expires = test::now + 1000;
    ASSERT_TRUE(run(store->save("k" + std::to_string(i), std::move(write), soon())));
  }
  west.broken->before_save = errc::throttled;
  breaks(east);
  look();
  settle();
  EXPECT_TRUE(store->replaying());
  west.broken->before_save.reset();
  for (int i = 0; i < 20 && store->replaying(); ++i)
    settle();
  EXPECT_FALSE(store->replaying());
  for (int i = 0; i < 40; ++i)
    EXPECT_TRUE(run(west.store->load("k" + std::to_string(i), soon())).value()) << i;
}

TEST_F(region_doubt_test, a_page_that_is_stored_elsewhere_leaves_no_lease_behind) {
  ASSERT_TRUE(save_in(*east.store, "before", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  ASSERT_EQ(run(store->acquire(key, soon())).value().answer, lease_answer::taken);
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  ASSERT_TRUE(save("by the page", 1, 2));
  const auto other_node = east.table.store("another node");
  EXPECT_EQ(run(other_node->acquire(key, soon())).value().answer, lease_answer::taken);
}

TEST_F(region_doubt_test, long_after_a_move_one_region_is_asked) {
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  look_for(doubt_time);
  EXPECT_FALSE(store->where().in_doubt());
  const int calls = east.broken->calls;
  ASSERT_TRUE(save("cart", no_version, 1));
  EXPECT_EQ(load(), "cart");
  EXPECT_EQ(east.broken->calls, calls);
}

TEST_F(region_doubt_test, long_after_a_move_memory_does_not_bring_back_what_was_removed) {
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_TRUE(store->where().publish("eu-west-1"));
  look_for(doubt_time);
  EXPECT_EQ(load(), "-") << "removed by another node, as replication has shown by now";
}

TEST_F(region_doubt_test, an_open_waits_for_the_other_nodes_replay_where_the_left_region_cannot_be_asked) {
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  breaks(east);
  const steady_time begun = time.steady();
  look();
  auto opened = std::make_shared<std::optional<std::string>>();
  const auto keep = [opened](std::exception_ptr, result<leased_session> found) {
    *opened = found.value().session.data;
  };
  asio::co_spawn(io, store->acquire(key, soon()), keep);
  io.restart();
  io.run_for(settle_time / 2);
  EXPECT_FALSE(*opened);
  ASSERT_TRUE(save_in(*west.store, "replayed by another node", 1, 2));
  while (!*opened && io.run_one() > 0) {
  }
  EXPECT_EQ(*opened, "replayed by another node");
  EXPECT_GE(time.steady() - begun, settle_time);
}

// A save that fails while the region answers other writes, which excuse it.
TEST_F(region_doubt_test, what_the_region_in_use_cannot_take_is_told_to_the_other_nodes_before_it_is_acknowledged) {
  ASSERT_TRUE(save_in(*east.store, "before", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  const auto opened = run(store->acquire(key, soon())).value();
  east.broken->before_save = errc::timed_out;
  east.broken->during_save = [this] { return write_another(); };
  const steady_time begun = time.steady();
  ASSERT_TRUE(save("after", opened.session.version, 2));
  EXPECT_EQ(load_in(*west.store), "after");
  EXPECT_EQ(store->where().in_use(), "eu-west-1") << "other nodes read in the first region, which lacks it";
  EXPECT_TRUE(store->where().notice_due(1));
  EXPECT_GE(time.steady() - begun, settle_time);
}

TEST_F(region_doubt_test, what_the_region_in_use_refuses_by_too_much_load_is_not_acknowledged_and_brought_there_later) {
  ASSERT_TRUE(save_in(*east.store, "before", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  ASSERT_TRUE(run(store->acquire(key, soon())));
  // Another node moves this one while its save is on the way.
  east.broken->during_save = [this] { return hear_of_a_bridge_to(west); };
  west.broken->before_save = errc::throttled;
  const auto saved = run(store->save(key, write_of("after", 1, 2), time.steady() + 600ms));
  EXPECT_EQ(saved.error().code(), errc::throttled);
  EXPECT_EQ(store->where().in_use(), "eu-west-1");
  west.broken->before_save.reset();
  for (int i = 0; i < 20 && store->replaying(); ++i)
    settle();
  EXPECT_EQ(load_in(*west.store), "after");
}

TEST_F(region_doubt_test, a_lease_that_is_to_be_kept_is_kept_in_the_region_in_use) {
  ASSERT_TRUE(save_in(*east.store, "before", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "before", no_version, 1));
  ASSERT_EQ(run(store->acquire(key, soon())).value().answer, lease_answer::taken);
  east.broken->during_save = [this] { return write_another(); };
  east.broken->before_save = errc::region_unavailable;
  west.broken->during_save = [this] { return mend_saves_of(east); };
  session_write write = write_of("by the page", 1, 2);
  write.lease = lease_after::keep;
  ASSERT_TRUE(run(store->save(key, std::move(write), soon())));
  ASSERT_EQ(store->where().in_use(), "us-east-1");
  ASSERT_EQ(load_in(*east.store), "by the page");
  const auto other_node = east.table.store("another node");
  EXPECT_EQ(run(other_node->acquire(key, soon())).value().answer, lease_answer::held_elsewhere);
}

}  // namespace
}  // namespace mooring::sessiond
