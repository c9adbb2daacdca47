#include "sessiond/redis/lock_notes.hpp"

#include <gtest/gtest.h>

namespace mooring::sessiond {
namespace {

lock_note of(owner_id owner, const std::string& secret) {
  lock_note out;
  out.owner = owner;
  out.secret = secret;
  return out;
}

TEST(lock_notes, only_the_owner_drops_a_note) {
  lock_notes notes;
  notes.put("k", of(1, "a"));
  notes.drop("k", 2);
  ASSERT_NE(notes.find("k"), nullptr);
  EXPECT_EQ(notes.find("k")->secret, "a");
  notes.put("k", of(2, "b"));
  notes.drop("k", 1);
  EXPECT_EQ(notes.find("k")->secret, "b");
  notes.drop("k", 2);
  EXPECT_EQ(notes.find("k"), nullptr);
}

TEST(lock_notes, waiters_are_counted_over_all_connections) {
  lock_notes notes;
  EXPECT_EQ(notes.add_waiting("k", 1, 1), 1);
  EXPECT_EQ(notes.add_waiting("k", 2, 1), 2);
  EXPECT_EQ(notes.add_waiting("other", 2, 1), 1);
  EXPECT_EQ(notes.add_waiting("k", 1, -1), 1);
  EXPECT_EQ(notes.add_waiting("k", 3, 0), 1);
}

TEST(lock_notes, a_waiter_goes_with_its_connection) {
  lock_notes notes;
  notes.add_waiting("k", 1, 1);
  notes.add_waiting("k", 2, 1);
  notes.forget(1);
  notes.forget(7);
  EXPECT_EQ(notes.add_waiting("k", 2, 0), 1);
  notes.forget(2);
  EXPECT_EQ(notes.add_waiting("k", 3, 0), 0);
}

TEST(lock_notes, one_connection_waits_for_so_many_sessions_only) {
  lock_notes notes;
  for (std::size_t i = 0; i < max_waits_per_owner; ++i)
    EXPECT_EQ(notes.add_waiting("k" + std::to_string(i), 1, 1), 1);
  EXPECT_FALSE(notes.add_waiting("one more", 1, 1));
  EXPECT_EQ(notes.add_waiting("k0", 1, -1), 0);
  EXPECT_EQ(notes.add_waiting("one more", 1, 1), 1);
}

}  // namespace
}  // namespace mooring::sessiond
