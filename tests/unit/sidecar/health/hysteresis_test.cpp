#include "sidecar/health/hysteresis.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

TEST(hysteresis, knows_nothing_before_the_first_outcome) {
  const hysteresis h(2, 3);
  EXPECT_EQ(h.state(), check_state::unknown);
  EXPECT_TRUE(h.in_doubt());
}

TEST(hysteresis, the_first_outcome_decides_at_once) {
  hysteresis good(2, 3);
  EXPECT_TRUE(good.record(true));
  EXPECT_EQ(good.state(), check_state::up);
  EXPECT_FALSE(good.in_doubt());
  hysteresis bad(2, 3);
  EXPECT_TRUE(bad.record(false));
  EXPECT_EQ(bad.state(), check_state::down);
  EXPECT_FALSE(bad.in_doubt());
}

TEST(hysteresis, goes_down_after_fall_failures_in_a_row) {
  hysteresis h(2, 3);
  h.record(true);
  EXPECT_FALSE(h.record(false));
  EXPECT_TRUE(h.in_doubt());
  EXPECT_FALSE(h.record(false));
  EXPECT_EQ(h.state(), check_state::up);
  EXPECT_TRUE(h.record(false));
  EXPECT_EQ(h.state(), check_state::down);
  EXPECT_FALSE(h.in_doubt());
}

TEST(hysteresis, comes_up_after_rise_successes_in_a_row) {
  hysteresis h(2, 3);
  h.record(false);
  EXPECT_FALSE(h.record(true));
  EXPECT_TRUE(h.in_doubt());
  EXPECT_TRUE(h.record(true));
  EXPECT_EQ(h.state(), check_state::up);
}

TEST(hysteresis, one_outcome_that_confirms_the_state_clears_the_doubt) {
  hysteresis h(2, 3);
  h.record(true);
  for (int round = 0; round < 10; ++round) {
    EXPECT_FALSE(h.record(false));
    EXPECT_FALSE(h.record(false));
    EXPECT_FALSE(h.record(true));
    EXPECT_FALSE(h.in_doubt());
  }
  EXPECT_EQ(h.state(), check_state::up);
}

TEST(hysteresis, with_one_and_one_follows_every_outcome) {
  hysteresis h(1, 1);
  h.record(true);
  EXPECT_TRUE(h.record(false));
  EXPECT_TRUE(h.record(true));
  EXPECT_EQ(h.state(), check_state::up);
}

}  // namespace
}  // namespace mooring::sidecar
