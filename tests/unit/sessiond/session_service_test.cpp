#include <gtest/gtest.h>

#include "tests/support/session_service_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

TEST_F(session_service_test, a_commit_is_what_the_next_open_reads) {
  client a = connect();
  const auto first = open(a);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->data);
  ASSERT_TRUE(commit(a, *first->token, "cart"));
  EXPECT_EQ(stored(), "cart");
  EXPECT_EQ(sessions->locks().held(), 0U);
}

TEST_F(session_service_test, an_empty_new_session_stores_nothing) {
  client a = connect();
  ASSERT_TRUE(commit(a, *open(a)->token, ""));
  EXPECT_EQ(store.writes, 0);
  EXPECT_FALSE(stored());
}

TEST_F(session_service_test, an_existing_session_can_be_emptied) {
  put("cart");
  client a = connect();
  ASSERT_TRUE(commit(a, *open(a)->token, ""));
  EXPECT_EQ(stored(), "");
}

TEST_F(session_service_test, unchanged_data_is_no_write_until_the_expiry_has_moved_enough) {
  put("cart");
  store.writes = 0;
  client a = connect();
  time.advance(100s);
  ASSERT_TRUE(commit(a, *open(a)->token, "cart"));
  EXPECT_EQ(store.writes, 0);
  time.advance(1s);
  ASSERT_TRUE(touch(a, *open(a)->token));
  EXPECT_EQ(store.writes, 1);
  time.advance(950s);
  EXPECT_EQ(stored(), "cart");
}

TEST_F(session_service_test, a_failed_read_is_an_error_and_holds_no_lock) {
  put("cart");
  client a = connect();
  store.before = errc::region_unavailable;
  const auto failed = open(a);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), errc::region_unavailable);
  EXPECT_EQ(sessions->locks().held(), 0U);
  store.before.reset();
  EXPECT_EQ(stored(), "cart");
}

TEST_F(session_service_test, a_failed_commit_leaves_the_stored_session_and_no_lock) {
  put("cart");
  client a = connect();
  const auto token = *open(a)->token;
  store.before = errc::timed_out;
  EXPECT_EQ(commit(a, token, "lost").error().code(), errc::timed_out);
  store.before.reset();
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_EQ(stored(), "cart");
}

TEST_F(session_service_test, repeating_a_commit_whose_answer_was_lost_is_a_success) {
  put("cart");
  client a = connect();
  const auto token = *open(a)->token;
  store.after_save = errc::timed_out;
  EXPECT_FALSE(commit(a, token, "new cart"));
  store.after_save.reset();
  client again = connect();
  EXPECT_TRUE(commit(again, token, "new cart"));
  EXPECT_EQ(stored(), "new cart");
}

TEST_F(session_service_test, a_request_that_outlives_a_restart_still_commits) {
  put("cart");
  client before = connect();
  const auto token = *open(before)->token;
  restart();
  client after = connect();
  EXPECT_TRUE(commit(after, token, "bigger cart"));
  EXPECT_EQ(stored(), "bigger cart");
  EXPECT_EQ(sessions->locks().held(), 0U);
}

TEST_F(session_service_test, after_a_restart_whoever_holds_the_lock_now_is_protected) {
  put("cart");
  client before = connect();
  const auto old_token = *open(before)->token;
  restart();
  client holder = connect();
  const auto token = *open(holder)->token;
  client late = connect();
  EXPECT_EQ(commit(late, old_token, "late").error().code(), errc::stale);
  ASSERT_TRUE(commit(holder, token, "holder's"));
  EXPECT_EQ(commit(late, old_token, "late").error().code(), errc::stale);
  EXPECT_EQ(stored(), "holder's");
}

TEST_F(session_service_test, a_token_is_needed_and_checked) {
  client a = connect();
  for (const char* token : {"", "x", "-", "5", "-5-aa", "99999999999999999999-a"})
    EXPECT_EQ(commit(a, token, "data").error().code(), errc::invalid_argument) << token;
  EXPECT_EQ(commit(a, "12345-abc", "data").error().code(), errc::stale);
  EXPECT_FALSE(stored());
}

TEST_F(session_service_test, a_slow_request_renews_what_expired_while_it_ran) {
  put("cart");
  client slow = connect();
  const auto touching = *open(slow)->token;
  time.advance(1001s);
  EXPECT_TRUE(touch(slow, touching));
  EXPECT_EQ(stored(), "cart");
  const auto committing = *open(slow)->token;
  time.advance(1001s);
  EXPECT_TRUE(commit(slow, committing, "cart"));
  EXPECT_EQ(stored(), "cart");
}

TEST_F(session_service_test, what_another_request_destroyed_is_not_said_to_be_kept) {
  put("cart");
  client slow = connect();
  const auto token = *open(slow)->token;
  client other = connect();
  EXPECT_TRUE(test::run_task(io, sessions->destroy(other, "k")).value());
  time.advance(500s);
  EXPECT_EQ(commit(slow, token, "cart").error().code(), errc::stale);
}

TEST_F(session_service_test, a_refused_commit_releases_the_lock) {
  client a = connect();
  EXPECT_FALSE(commit(a, *open(a)->token, "data", 0));
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_FALSE(touch(a, *open(a)->token, 0));
  EXPECT_EQ(sessions->locks().held(), 0U);
}

TEST_F(session_service_test, ttl_limits) {
  client a = connect();
  for (const std::int64_t ttl : {std::int64_t{0}, std::int64_t{-1}, max_ttl_seconds + 1})
    EXPECT_EQ(commit(a, *open(a)->token, "data", ttl).error().code(), errc::invalid_argument);
  EXPECT_TRUE(commit(a, *open(a)->token, "data", max_ttl_seconds));
}

TEST_F(session_service_test, opening_again_on_one_connection_reads_again_with_a_new_token) {
  put("cart");
  client a = connect();
  const auto first = *open(a)->token;
  const auto second = *open(a)->token;
  EXPECT_NE(first, second);
  EXPECT_FALSE(commit(a, first, "with the old token"));
  EXPECT_TRUE(commit(a, second, "new"));
}

TEST_F(session_service_test, a_destroyed_session_is_not_brought_back_by_a_slow_request) {
  put("cart");
  client slow = connect();
  const auto token = *open(slow)->token;
  client other = connect();
  EXPECT_TRUE(test::run_task(io, sessions->destroy(other, "k")).value());
  EXPECT_EQ(commit(slow, token, "zombie").error().code(), errc::stale);
  EXPECT_FALSE(stored());
}

TEST_F(session_service_test, who_destroys_may_begin_anew) {
  put("cart");
  client a = connect();
  const auto token = *open(a)->token;
  EXPECT_TRUE(test::run_task(io, sessions->destroy(a, "k")).value());
  EXPECT_TRUE(commit(a, token, "fresh"));
  EXPECT_EQ(stored(), "fresh");
}

TEST_F(session_service_test, takes_as_many_open_sessions_as_the_limit_says) {
  client a = connect();
  for (std::size_t i = 0; i < max_open_sessions; ++i)
    ASSERT_TRUE(test::run_task(io, sessions->open(a, "k" + std::to_string(i), open_mode::exclusive)));
  EXPECT_EQ(test::run_task(io, sessions->open(a, "one more", open_mode::exclusive)).error().code(),
            errc::invalid_argument);
  EXPECT_TRUE(test::run_task(io, sessions->open(a, "k0", open_mode::exclusive)));
}

TEST_F(session_service_test, without_locking_the_version_still_protects) {
  config.locking = "none";
  put("cart");
  client a = connect();
  client b = connect();
  const auto token_a = *open(a)->token;
  const auto token_b = *open(b)->token;
  EXPECT_TRUE(commit(a, token_a, "a's"));
  EXPECT_EQ(commit(b, token_b, "b's").error().code(), errc::stale);
  EXPECT_EQ(stored(), "a's");
}

}  // namespace
}  // namespace mooring::sessiond
