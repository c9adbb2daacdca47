#include "sessiond/session/leases.hpp"

#include <gtest/gtest.h>

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

// Leases of 12 s: renewed after 4 s, and 2 s after a failure.
struct leases_test : ::testing::Test {
  static stored_session session(const std::string& data) {
    stored_session out;
    out.data = data;
    return out;
  }
  lease_renewal begin_one(steady_time now) {
    const auto begun = held.begin_renewals(now);
    EXPECT_EQ(begun.size(), 1U);
    return begun.at(0);
  }

  const steady_time start = steady_time() + 1h;
  const result<void> done;
  const result<void> lost = error(errc::stale, "somebody else has it");
  const result<void> failed = error(errc::timed_out, "no answer");
  leases held{12s};
};

TEST_F(leases_test, a_session_is_known_until_a_write_begins_or_the_lease_is_about_to_end) {
  held.hold("k", session("cart"), start);
  EXPECT_EQ(held.usable("k", start + 8s)->data, "cart");
  EXPECT_EQ(held.usable("k", start + 8001ms), nullptr);
  held.unsure("k");
  EXPECT_EQ(held.usable("k", start), nullptr);
  EXPECT_TRUE(held.holds("k"));
  held.forget("k");
  EXPECT_FALSE(held.holds("k"));
}

TEST_F(leases_test, after_a_change_of_the_region_nothing_is_known_that_was_asked_before) {
  held.hold("before", session("old"), start);
  held.unsure_of_all(start + 2s);
  held.hold("late answer", session("old"), start + 1s);
  held.hold("after", session("new"), start + 2s);
  EXPECT_EQ(held.usable("before", start + 2s), nullptr);
  EXPECT_EQ(held.usable("late answer", start + 2s), nullptr);
  EXPECT_EQ(held.usable("after", start + 2s)->data, "new");
}

TEST_F(leases_test, a_lease_stays_for_who_waits_until_it_is_the_turn_of_other_nodes) {
  held.hold("k", session(""), start);
  EXPECT_EQ(held.after_request("k", false, start), lease_after::release);
  EXPECT_FALSE(held.takes_pause("k")) << "nobody waits here";
  EXPECT_EQ(held.after_request("k", true, start + longest_tenure), lease_after::keep);
  held.hold("k", session(""), start + 3s);
  EXPECT_EQ(held.after_request("k", true, start + longest_tenure + 1ms), lease_after::release)
      << "the tenure began with the first hold";
  EXPECT_TRUE(held.takes_pause("k"));
  EXPECT_FALSE(held.takes_pause("k"));
}

TEST_F(leases_test, a_lease_is_renewed_when_a_third_of_its_time_is_over_until_its_own_end) {
  held.hold("k", session(""), start);
  EXPECT_TRUE(held.begin_renewals(start + 3999ms).empty());
  const auto first = begin_one(start + 4s);
  EXPECT_EQ(first.key, "k");
  EXPECT_EQ(first.deadline, start + 12s);
  EXPECT_TRUE(held.begin_renewals(start + 9s).empty()) << "it is under way";
  held.end_renewal(first, start + 4s, done);
  EXPECT_TRUE(held.begin_renewals(start + 7999ms).empty());
  EXPECT_EQ(begin_one(start + 8s).deadline, start + 16s);
}

TEST_F(leases_test, a_failed_renewal_is_tried_again_in_a_while_and_after_the_end_too) {
  held.hold("k", session(""), start);
  held.end_renewal(begin_one(start + 4s), start + 4s, failed);
  EXPECT_TRUE(held.begin_renewals(start + 5999ms).empty());
  held.end_renewal(begin_one(start + 6s), start + 6s, failed);
  EXPECT_EQ(begin_one(start + 13s).deadline, start + 15s);
  EXPECT_TRUE(held.holds("k"));
}

TEST_F(leases_test, a_lease_that_was_lost_is_forgotten) {
  held.hold("k", session(""), start);
  held.end_renewal(begin_one(start + 4s), start + 4s, lost);
  EXPECT_FALSE(held.holds("k"));
}

TEST_F(leases_test, a_late_answer_says_nothing_about_a_newer_lease) {
  held.hold("k", session(""), start);
  const auto old = begin_one(start + 4s);
  held.forget("k");
  held.hold("k", session("cart"), start + 5s);
  held.end_renewal(old, start + 4s, lost);
  ASSERT_TRUE(held.holds("k"));
  EXPECT_EQ(held.usable("k", start + 5s)->data, "cart");
  const auto newer = begin_one(start + 9s);
  held.hold("k", session("bigger cart"), start + 10s);
  held.end_renewal(newer, start + 9s, done);
  EXPECT_TRUE(held.begin_renewals(start + 13999ms).empty()) << "the lease runs from the later of both";
}

TEST_F(leases_test, as_many_renewals_are_under_way_as_the_limit_says_and_the_soonest_ends_first) {
  for (std::size_t i = 0; i <= max_renewals; ++i)
    held.hold(std::to_string(i), session(""), start - milliseconds(i));
  const auto begun = held.begin_renewals(start + 4s);
  ASSERT_EQ(begun.size(), max_renewals);
  EXPECT_EQ(begun.front().key, std::to_string(max_renewals));
  EXPECT_EQ(begun.back().key, "1");
  EXPECT_TRUE(held.begin_renewals(start + 4s).empty());
  held.end_renewal(begun.front(), start + 4s, failed);
  EXPECT_EQ(begin_one(start + 4s).key, "0");
}

}  // namespace
}  // namespace mooring::sessiond
