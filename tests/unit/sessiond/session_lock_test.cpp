#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include "tests/support/session_service_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

TEST_F(session_service_test, reading_only_takes_no_lock_and_waits_for_none) {
  put("cart");
  client holder = connect();
  ASSERT_TRUE(open(holder));
  client reader = connect();
  const auto read = open(reader, open_mode::read_only);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->token);
  EXPECT_EQ(read->data, "cart");
}

TEST_F(session_service_test, waiting_ends_at_lock_wait) {
  config.lock_wait = 20ms;
  client holder = connect();
  ASSERT_TRUE(open(holder));
  client waiter = connect();
  const auto refused = open(waiter);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::busy);
  EXPECT_EQ(sessions->locks().waiting(), 0U);
}

task<result<std::string>> open_then_note(session_service& sessions, client& who, std::vector<int>& order, int name) {
  auto got = co_await sessions.open(who, "k", open_mode::exclusive);
  if (!got) co_return got.error();
  order.push_back(name);
  auto done = co_await sessions.commit(who, "k", *got->token, 1000, "by " + std::to_string(name));
  if (!done) co_return done.error();
  co_return std::string();
}

TEST_F(session_service_test, fifty_waiters_are_served_in_order_and_each_reads_what_the_last_wrote) {
  client holder = connect();
  const auto token = *open(holder)->token;
  std::vector<client> waiters(50);
  std::vector<int> order;
  for (int i = 0; i < 50; ++i) {
    auto& waiter = waiters[static_cast<std::size_t>(i)] = connect();
    asio::co_spawn(io, open_then_note(*sessions, waiter, order, i),
                   [](std::exception_ptr failure, const result<std::string>& done) {
                     EXPECT_FALSE(failure);
                     EXPECT_TRUE(done);
                   });
  }
  io.restart();
  io.poll();
  EXPECT_EQ(sessions->locks().waiting(), 50U);
  close(holder, token);
  io.restart();
  io.run();
  ASSERT_EQ(order.size(), 50U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(stored(), "by 49");
}

TEST_F(session_service_test, a_waiter_that_hung_up_leaves_the_queue_and_what_else_it_held) {
  client holder = connect();
  ASSERT_TRUE(open(holder));
  client dead = connect();
  ASSERT_TRUE(test::run_task(io, sessions->open(dead, "other", open_mode::exclusive)));
  dead.gone = [] { return true; };
  const int calls = store.calls;
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(open(dead).error().code(), errc::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
  EXPECT_EQ(store.calls, calls);
  EXPECT_EQ(sessions->locks().waiting(), 0U);
}

TEST_F(session_service_test, a_lock_dies_with_its_connection) {
  client a = connect();
  ASSERT_TRUE(open(a));
  sessions->release_all(a);
  io.restart();
  io.run();
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_TRUE(a.open.empty());
}

TEST_F(session_service_test, a_commit_that_the_store_failed_is_answered_before_the_lease_is_given_back) {
  put("cart");
  client who = connect();
  const auto token = *open(who).value().token;
  store.before = errc::timed_out;
  store.release_takes = 500ms;
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(commit(who, token, "more").error().code(), errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 500ms);
  store.before.reset();
  EXPECT_EQ(open(who).value().data, "cart");
  EXPECT_GE(std::chrono::steady_clock::now() - started, 500ms) << "who wants the session again waits for that";
}

TEST_F(session_service_test, who_waits_for_a_release_behind_its_back_waits_no_longer_than_lock_wait) {
  config.lock_wait = 50ms;
  put("cart");
  client who = connect();
  const auto token = *open(who).value().token;
  store.before = errc::timed_out;
  store.release_takes = 10s;
  EXPECT_FALSE(commit(who, token, "more"));
  store.before.reset();
  EXPECT_EQ(open(who).error().code(), errc::busy);
}

TEST_F(session_service_test, a_failed_commit_that_is_sent_again_waits_for_the_release_of_the_first) {
  put("cart");
  client who = connect();
  const auto token = *open(who).value().token;
  store.before = errc::timed_out;
  store.release_takes = 50ms;
  EXPECT_FALSE(commit(who, token, "more"));
  store.before.reset();
  EXPECT_TRUE(commit(who, token, "more"));
  EXPECT_EQ(stored(), "more");
  EXPECT_EQ(sessions->locks().held(), 0U);
}

TEST_F(session_service_test, a_release_that_fails_ends_within_the_deadline_of_the_store) {
  put("cart");
  client who = connect();
  ASSERT_TRUE(open(who));
  store.before = errc::timed_out;
  sessions->release_all(who);
  io.restart();
  io.run();
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_NE(lines.find("event=lease.not_released"), std::string::npos);
}

}  // namespace
}  // namespace mooring::sessiond
