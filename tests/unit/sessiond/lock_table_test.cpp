#include "sessiond/lock/lock_table.hpp"

#include <gtest/gtest.h>

namespace mooring::sessiond {
namespace {

using answer = lock_table::answer;

TEST(lock_table, serves_waiters_in_the_order_they_came) {
  lock_table locks;
  EXPECT_EQ(locks.acquire("k", 1), answer::granted);
  EXPECT_EQ(locks.acquire("k", 2), answer::queued);
  EXPECT_EQ(locks.acquire("k", 3), answer::queued);
  EXPECT_EQ(locks.acquire("other", 3), answer::granted);
  EXPECT_EQ(locks.waiting(), 2U);
  EXPECT_EQ(locks.release("k", 1), 2U);
  EXPECT_TRUE(locks.holds("k", 2));
  EXPECT_EQ(locks.release("k", 2), 3U);
  EXPECT_EQ(locks.release("k", 3), std::nullopt);
  EXPECT_EQ(locks.held(), 1U);
  EXPECT_EQ(locks.waiting(), 0U);
}

TEST(lock_table, the_holder_may_ask_again) {
  lock_table locks;
  locks.acquire("k", 1);
  EXPECT_EQ(locks.acquire("k", 1), answer::granted);
  EXPECT_EQ(locks.release("k", 1), std::nullopt);
  EXPECT_EQ(locks.held(), 0U);
}

TEST(lock_table, nobody_releases_what_another_holds) {
  lock_table locks;
  locks.acquire("k", 1);
  locks.acquire("k", 2);
  EXPECT_EQ(locks.release("k", 2), std::nullopt);
  EXPECT_EQ(locks.release("k", 9), std::nullopt);
  EXPECT_EQ(locks.release("absent", 1), std::nullopt);
  EXPECT_TRUE(locks.holds("k", 1));
  EXPECT_FALSE(locks.try_acquire("k", 2));
}

TEST(lock_table, a_waiter_that_leaves_is_passed_over) {
  lock_table locks;
  locks.acquire("k", 1);
  locks.acquire("k", 2);
  locks.acquire("k", 3);
  EXPECT_EQ(locks.leave("k", 2), std::nullopt);
  EXPECT_EQ(locks.release("k", 1), 3U);
  EXPECT_EQ(locks.leave("k", 3), std::nullopt);
  EXPECT_EQ(locks.held(), 0U);
}

TEST(lock_table, a_holder_that_leaves_hands_over) {
  lock_table locks;
  locks.acquire("k", 1);
  locks.acquire("k", 2);
  EXPECT_EQ(locks.leave("k", 1), 2U);
}

TEST(lock_table, takes_as_many_waiters_as_the_limit_says_and_no_more) {
  lock_table locks;
  locks.acquire("k", 1);
  for (owner_id owner = 2; owner < 2 + max_waiters; ++owner)
    ASSERT_EQ(locks.acquire("k", owner), answer::queued);
  EXPECT_EQ(locks.acquire("k", 5000), answer::full);
  EXPECT_EQ(locks.waiting(), max_waiters);
}

TEST(lock_table, a_lock_that_is_handed_over_is_the_new_holders_before_all_who_wait) {
  lock_table locks;
  EXPECT_EQ(locks.holder("k"), no_owner);
  ASSERT_EQ(locks.acquire("k", 1), lock_table::answer::granted);
  ASSERT_EQ(locks.acquire("k", 2), lock_table::answer::queued);
  locks.hand_over("k", 3, 4);
  EXPECT_EQ(locks.holder("k"), 1U) << "who does not hold it hands nothing over";
  locks.hand_over("k", 1, 9);
  EXPECT_TRUE(locks.holds("k", 9));
  EXPECT_EQ(locks.acquire("k", 1), lock_table::answer::queued) << "the former holder waits like everybody";
  EXPECT_EQ(locks.release("k", 1), std::nullopt);
  EXPECT_EQ(locks.release("k", 9), 2U);
}

}  // namespace
}  // namespace mooring::sessiond
