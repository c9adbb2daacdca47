#include "mooring/credentials/refresh_plan.hpp"

#include <gtest/gtest.h>

namespace mooring {
namespace {

using namespace std::chrono_literals;

class plan : public testing::Test {
 protected:
  refresh_plan::moment at(std::chrono::milliseconds since_start) const {
    refresh_plan::moment out;
    out.wall = start + since_start;
    out.steady = steady_start + since_start;
    return out;
  }
  wall_time expiry(std::chrono::milliseconds since_start) const { return start + since_start; }

  const wall_time start{seconds(1'800'000'000)};
  const steady_time steady_start{seconds(5000)};
  refresh_plan subject;
};

TEST_F(plan, is_due_and_urgent_before_anything_is_held) {
  EXPECT_TRUE(subject.due(at(0s)));
  EXPECT_TRUE(subject.urgent(at(0s)));
}

TEST_F(plan, renews_15_minutes_before_expiry_and_urgently_from_10) {
  subject.renewed(at(0s), expiry(6h), 0.5);
  EXPECT_FALSE(subject.due(at(5h + 44min + 59s)));
  EXPECT_TRUE(subject.due(at(5h + 45min)));
  EXPECT_FALSE(subject.urgent(at(5h + 49min)));
  EXPECT_TRUE(subject.urgent(at(5h + 50min)));
  EXPECT_EQ(subject.until_due(at(0s), 1ms, 24h), 5h + 45min);
}

TEST_F(plan, renews_short_lived_ones_at_half_their_life) {
  subject.renewed(at(0s), expiry(6s), 0.5);
  EXPECT_FALSE(subject.due(at(2900ms)));
  EXPECT_TRUE(subject.due(at(3s)));
  EXPECT_FALSE(subject.urgent(at(3s)));
  EXPECT_TRUE(subject.urgent(at(4s)));
}

TEST_F(plan, leaves_keys_without_expiry_alone_until_a_renewal_of_them_fails) {
  subject.renewed(at(0s), std::nullopt, 0.5);
  EXPECT_FALSE(subject.due(at(24h * 300)));
  EXPECT_FALSE(subject.urgent(at(24h * 300)));
  EXPECT_EQ(subject.until_due(at(0s), 1ms, 5s), 5s);
  subject.failed(at(1h), 0.5);
  EXPECT_FALSE(subject.due(at(1h)));
  EXPECT_TRUE(subject.due(at(1h + 2min)));
}

TEST_F(plan, tries_again_with_growing_pauses_which_are_short_when_it_is_urgent) {
  subject.renewed(at(0s), expiry(6h), 0.5);
  const auto begun = 5h + 45min;
  const auto pause_after = [&](std::chrono::milliseconds when) {
    subject.failed(at(when), 0.999);
    return subject.until_due(at(when), 1ms, 24h);
  };
  const auto first = pause_after(begun);
  const auto second = pause_after(begun + 10s);
  EXPECT_GT(first, 4s);
  EXPECT_LE(first, 5s);
  EXPECT_GT(second, first);
  for (int i = 0; i < 40; ++i)
    EXPECT_LE(pause_after(begun + 1min), 2min);
  EXPECT_LE(pause_after(begun + 6min), 15s);
  EXPECT_LE(pause_after(7h), 15s);
}

TEST_F(plan, jitter_spreads_the_tries_of_many_nodes) {
  refresh_plan other = subject;
  subject.failed(at(0s), 0.0);
  other.failed(at(0s), 0.99);
  EXPECT_LT(subject.until_due(at(0s), 1ms, 1h), other.until_due(at(0s), 1ms, 1h));
}

TEST_F(plan, the_tries_of_short_lived_ones_fit_into_what_is_left_of_them) {
  subject.renewed(at(0s), expiry(4s), 0.5);
  subject.failed(at(2s), 0.999);
  EXPECT_LE(subject.until_due(at(2s), 1ms, 1h), 500ms);
}

TEST_F(plan, the_same_credentials_again_are_asked_for_again_soon) {
  subject.renewed(at(0s), expiry(6h), 0.5);
  subject.renewed(at(5h + 45min), expiry(6h), 0.5);
  EXPECT_FALSE(subject.due(at(5h + 45min)));
  EXPECT_TRUE(subject.due(at(5h + 45min + 5s)));
  subject.renewed(at(5h + 46min), expiry(12h), 0.5);
  EXPECT_FALSE(subject.due(at(11h + 44min)));
}

TEST_F(plan, puts_off_the_expiry_of_an_ill_metadata_service) {
  EXPECT_FALSE(subject.extended(at(0s), expiry(6h), 0.0));
  EXPECT_TRUE(subject.extended(at(5h + 46min), expiry(6h), 0.0));
  EXPECT_FALSE(subject.due(at(5h + 47min)));
  EXPECT_TRUE(subject.due(at(5h + 48min)));
  EXPECT_FALSE(subject.urgent(at(5h + 48min)));
  EXPECT_TRUE(subject.extended(at(7h), expiry(6h), 0.999));
  EXPECT_FALSE(subject.due(at(7h + 9min + 50s)));
  EXPECT_TRUE(subject.due(at(7h + 10min)));
}

TEST_F(plan, a_wall_clock_that_is_set_back_does_not_put_the_renewal_off) {
  subject.renewed(at(0s), expiry(1h), 0.5);
  auto later = at(46min);
  later.wall -= 3h;
  EXPECT_TRUE(subject.due(later));
}

}  // namespace
}  // namespace mooring
