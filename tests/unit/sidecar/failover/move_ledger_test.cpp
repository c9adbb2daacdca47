#include "sidecar/failover/move_ledger.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

moment after_noon(milliseconds since_noon) {
  moment out;
  out.steady = steady_time() + 100h + since_noon;
  out.wall = wall_time() + 500'000h + since_noon;
  return out;
}

class move_ledger_test : public ::testing::Test {
 protected:
  // Away and back, `count` moves in all, a minute apart.
  void make_moves(int count) {
    for (int i = 0; i < count; ++i)
      ledger_.moved(i % 2 == 0 ? region_rank::primary : region_rank::secondary, after_noon(i * 1min));
  }
  bool has_room(std::int64_t moves, milliseconds when) const {
    return ledger_.room_for(moves, after_noon(when).steady) <= after_noon(when).steady;
  }

  // min_dwell 60 s, failback_hold 5 min, 6 moves an hour
  move_ledger ledger_{region_settings(), {}};
};

TEST_F(move_ledger_test, a_region_is_free_to_leave_until_the_first_move_and_min_dwell_after_each) {
  EXPECT_EQ(ledger_.free_to_leave(), steady_time::min());
  ledger_.moved(region_rank::primary, after_noon(0ms));
  EXPECT_EQ(ledger_.free_to_leave(), after_noon(60s).steady);
  ledger_.placed(after_noon(30s));
  EXPECT_EQ(ledger_.free_to_leave(), after_noon(90s).steady);
}

TEST_F(move_ledger_test, an_hour_has_room_for_six_moves_and_not_for_seven) {
  make_moves(5);
  EXPECT_TRUE(has_room(1, 10min));
  EXPECT_FALSE(has_room(2, 10min)) << "what a failback needs";
  ledger_.moved(region_rank::secondary, after_noon(10min));
  EXPECT_FALSE(has_room(1, 11min));
  EXPECT_EQ(ledger_.room_for(1, after_noon(11min).steady), after_noon(1h).steady);
  EXPECT_EQ(ledger_.room_for(2, after_noon(11min).steady), after_noon(1h + 1min).steady);
}

TEST_F(move_ledger_test, a_move_counts_for_an_hour_to_the_millisecond) {
  make_moves(6);
  EXPECT_FALSE(has_room(1, 1h - 1ms));
  EXPECT_TRUE(has_room(1, 1h));
  EXPECT_FALSE(has_room(2, 1h));
}

TEST_F(move_ledger_test, an_operators_moves_do_not_count) {
  for (int i = 0; i < 20; ++i)
    ledger_.placed(after_noon(i * 1min));
  EXPECT_TRUE(has_room(6, 20min));
}

TEST_F(move_ledger_test, the_hold_doubles_each_time_the_primary_fails_again_up_to_an_hour) {
  EXPECT_EQ(ledger_.failback_hold(), 5min);
  milliseconds when = 0ms;
  for (const milliseconds expected : {5min, 10min, 20min, 40min, 60min, 60min}) {
    ledger_.moved(region_rank::primary, after_noon(when));
    EXPECT_EQ(ledger_.failback_hold(), expected);
    ledger_.moved(region_rank::secondary, after_noon(when + 10min));
    when += 20min;
  }
}

TEST_F(move_ledger_test, the_hold_is_the_plain_one_again_after_an_hour_without_a_move) {
  make_moves(3);
  EXPECT_EQ(ledger_.failback_hold(), 10min);
  ledger_.moved(region_rank::secondary, after_noon(10min));
  ledger_.moved(region_rank::primary, after_noon(10min + 1h - 1ms));
  EXPECT_EQ(ledger_.failback_hold(), 20min);
  ledger_.moved(region_rank::primary, after_noon(10min + 2h));
  EXPECT_EQ(ledger_.failback_hold(), 5min);
}

TEST(move_ledger_limits, a_hold_that_is_longer_than_the_longest_is_not_shortened) {
  region_settings rules;
  rules.failback_hold = 6h;
  move_memory flapping;
  flapping.flaps = 1000;
  EXPECT_EQ(move_ledger(rules, flapping).failback_hold(), 6h);
  rules.failback_hold = 0ms;
  EXPECT_EQ(move_ledger(rules, flapping).failback_hold(), 0ms);
}

TEST_F(move_ledger_test, remembers_the_moves_of_the_last_hour_only) {
  make_moves(4);
  EXPECT_EQ(ledger_.memory(after_noon(30min).steady).automatic.size(), 4U);
  const move_memory later = ledger_.memory(after_noon(1h + 1min).steady);
  EXPECT_EQ(later.automatic, (std::vector<moment>{after_noon(2min), after_noon(3min)}));
  EXPECT_EQ(later.placed, after_noon(3min));
  EXPECT_EQ(later.flaps, 1);
}

}  // namespace
}  // namespace mooring::sidecar
