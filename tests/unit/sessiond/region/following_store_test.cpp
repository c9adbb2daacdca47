// Two regions that the test breaks, makes lag and mends: an emulator each, nothing is replicated but by the test.
#include "sessiond/region/following_store.hpp"

#include <gtest/gtest.h>

#include "tests/support/dynamo_backend.hpp"
#include "tests/support/failing_store.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t now = 1'800'000'000;
constexpr const char* key = "k";

struct following_store_test : ::testing::Test {
  following_store_test() {
    time.set_wall(now);
    std::vector<followed_region> regions;
    for (side* each : {&east, &west}) {
      auto breakable = std::make_unique<test::failing_store>(*each->store);
      each->broken = breakable.get();
      regions.push_back({each->name, std::move(breakable)});
    }
    store = std::make_unique<following_store>(std::move(regions), time, logger::to_string(lines), registry,
                                              follow_terms{1200ms, 120s}, io.get_executor());
  }

  struct side {
    side(following_store_test& test, const char* called)
        : name(called), table(test.io, test.time), store(table.store("this node")) {}
    std::string name;
    test::dynamo_table table;
    std::unique_ptr<session_store> store;
    test::failing_store* broken = nullptr;
  };

  template <class T>
  T run(task<T> work) {
    return test::run_task(io, std::move(work));
  }
  call_budget soon() { return time.steady() + 5s; }
  void settle() {
    for (int i = 0; i < 20; ++i)
      io.restart(), io.run_for(10ms);
  }

  result<void> save_in(session_store& where, const std::string& data, session_version expected,
                       session_version version) {
    session_write write;
    write.data = data;
    write.expected = expected;
    write.version = version;
    write.expires = now + 1000;
    return run(where.save(key, std::move(write), soon()));
  }
  result<void> save(const std::string& data, session_version expected, session_version version) {
    return save_in(*store, data, expected, version);
  }
  std::string load_in(session_store& where) {
    const auto found = run(where.load(key, soon())).value();
    return found ? found->data : "-";
  }
  std::string load() { return load_in(*store); }
  void breaks(side& which, errc how = errc::region_unavailable) { which.broken->before = how; }
  void mends(side& which) { which.broken->before.reset(); }

  asio::io_context io{1};
  test::fake_clock time;
  std::string lines;
  metrics registry;
  side east{*this, "us-east-1"};
  side west{*this, "eu-west-1"};
  std::unique_ptr<following_store> store;
};

TEST_F(following_store_test, uses_the_primary_while_it_answers) {
  ASSERT_TRUE(save("cart", no_version, 1));
  EXPECT_EQ(load(), "cart");
  EXPECT_EQ(west.broken->calls, 0);
}

TEST_F(following_store_test, bridges_each_fault_of_a_region_and_no_other_fault) {
  for (const errc fault : {errc::region_unavailable, errc::timed_out}) {
    ASSERT_TRUE(save_in(*west.store, "cart", no_version, 1));
    breaks(east, fault);
    EXPECT_EQ(load(), "cart");
    mends(east);
    time.advance(bridge_time);
    EXPECT_EQ(load(), "-") << "the primary is tried again, and has nothing";
    ASSERT_TRUE(run(west.store->remove(key, no_version, soon())));
  }
  for (const errc fault : {errc::throttled, errc::misconfigured, errc::clock_skew, errc::no_network, errc::bad_data}) {
    breaks(east, fault);
    EXPECT_EQ(run(store->load(key, soon())).error().code(), fault);
    EXPECT_FALSE(store->bridging());
  }
}

TEST_F(following_store_test, a_broken_region_is_asked_by_one_command_in_a_while) {
  breaks(east);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(load(), "-");
  EXPECT_EQ(east.broken->calls, 1);
  time.advance(bridge_time);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(load(), "-");
  EXPECT_EQ(east.broken->calls, 2);
}

TEST_F(following_store_test, fails_when_both_regions_do) {
  breaks(east);
  breaks(west, errc::timed_out);
  EXPECT_EQ(run(store->load(key, soon())).error().code(), errc::timed_out);
  EXPECT_EQ(save("cart", no_version, 1).error().code(), errc::region_unavailable) << "the last that was asked";
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

TEST_F(following_store_test, after_a_move_recent_writes_are_stored_there) {
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_TRUE(store->publish("eu-west-1"));
  settle();
  EXPECT_EQ(load_in(*west.store), "cart");
  EXPECT_EQ(store->preferred(), "eu-west-1");
}

TEST_F(following_store_test, a_replay_never_replaces_what_is_newer) {
  ASSERT_TRUE(save("cart", no_version, 1));
  ASSERT_TRUE(save_in(*west.store, "newer", no_version, 2));
  ASSERT_TRUE(store->publish("eu-west-1"));
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
  ASSERT_TRUE(store->publish("eu-west-1"));
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
  time.advance(bridge_time);
  EXPECT_EQ(load(), "during") << "the primary still has the older one";
  const auto opened = run(store->acquire(key, soon())).value();
  EXPECT_EQ(opened.session.data, "during");
  ASSERT_TRUE(save("after", opened.session.version, 3));
  EXPECT_EQ(load_in(*east.store), "after");
}

TEST_F(following_store_test, refuses_a_region_that_is_not_configured) {
  EXPECT_EQ(store->publish("ap-south-1").error().code(), errc::misconfigured);
  EXPECT_EQ(store->preferred(), "us-east-1");
}

}  // namespace
}  // namespace mooring::sessiond
