// What the stories of tests/transcripts do not show: limits, timers, advice, and the order of effects.
#include "sidecar/failover/failover_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

class failover_machine_test : public ::testing::Test {
 protected:
  failover_machine_test() { step(tick()); }

  static region_settings two_regions() {
    region_settings out;
    out.secondary = "eu-west-1";
    return out;
  }

  machine_actions step(const machine_event& event) { return machine_.step(event, now_); }
  void wait(milliseconds time) {
    now_.steady += time;
    now_.wall += time;
  }
  machine_actions see(region_rank region, failure_class found, bool fresh = false) {
    probe_outcome seen;
    seen.region = region;
    seen.found = found;
    seen.connection = fresh ? connection_kind::fresh : connection_kind::kept_alive;
    seen.begun = now_.steady;
    seen.reason = "trouble";
    return step(seen);
  }
  machine_actions see_control(bool ok) {
    control_outcome seen;
    seen.ok = ok;
    seen.begun = now_.steady;
    seen.reason = "trouble";
    return step(seen);
  }
  machine_actions pin(milliseconds ttl, const std::string& reason, const std::string& region = "eu-west-1") {
    pin_request wanted;
    wanted.region = region;
    wanted.ttl = ttl;
    wanted.reason = reason;
    return step(wanted);
  }
  machine_actions publication_failed_of(region_epoch epoch) {
    publication_failed failed;
    failed.epoch = epoch;
    failed.reason = "disk full";
    return step(failed);
  }
  machine_actions done(region_epoch epoch) {
    publication_done made;
    made.epoch = epoch;
    return step(made);
  }
  void all_answer() {
    see_control(true);
    for (const bool fresh : {false, true}) {
      see(region_rank::primary, failure_class::none, fresh);
      see(region_rank::secondary, failure_class::none, fresh);
    }
  }
  std::vector<std::string> warnings() const { return machine_.warnings(); }

  moment now_{steady_time() + 100h, wall_time() + 500'000h};
  failover_machine machine_{two_regions(), true, machine_state(), "boot", now_};
};

TEST(failover_machine_start, asks_for_a_tick_at_once_and_publishes_with_it) {
  const moment now{steady_time() + 1h, wall_time() + 500'000h};
  failover_machine machine(region_settings(), false, machine_state(), "boot", now);
  EXPECT_EQ(machine.next_wakeup(), now.steady);
  const machine_actions first = machine.step(tick(), now);
  ASSERT_TRUE(first.save && first.publish);
  EXPECT_FALSE(first.changed) << "nothing was before";
  EXPECT_FALSE(first.publish->move);
  EXPECT_EQ(first.save->epoch, 1U);
  EXPECT_EQ(first.save->boot_id, "boot");
  EXPECT_EQ(first.publish->state.epoch, 1U);
  EXPECT_EQ(first.publish->state.active, "us-east-1");
  EXPECT_EQ(first.publish->state.regions.size(), 1U);
  EXPECT_FALSE(machine.next_wakeup().has_value());
}

TEST(failover_machine_start, a_probe_of_a_region_that_is_not_configured_is_a_bug) {
  failover_machine machine(region_settings(), false, machine_state(), "boot", moment());
  probe_outcome stray;
  stray.region = region_rank::secondary;
  EXPECT_THROW(machine.step(stray, moment()), std::logic_error);
}

TEST_F(failover_machine_test, says_nothing_while_nothing_changes) {
  all_answer();
  for (int i = 0; i < 10; ++i) {
    wait(2s);
    EXPECT_TRUE(see(region_rank::primary, failure_class::none).empty());
    EXPECT_TRUE(step(tick()).empty());
  }
}

TEST_F(failover_machine_test, a_pin_lasts_a_week_at_most_and_has_a_reason_of_200_bytes_at_most) {
  EXPECT_FALSE(pin(longest_pin, std::string(max_pin_reason_bytes, 'r')).refused);
  EXPECT_EQ(machine_.active(), "eu-west-1");
  EXPECT_TRUE(pin(longest_pin + 1ms, "r").refused);
  EXPECT_TRUE(pin(1h, std::string(max_pin_reason_bytes + 1, 'r')).refused);
  EXPECT_TRUE(pin(0ms, "r").refused);
  EXPECT_TRUE(pin(1h, "").refused);
  EXPECT_TRUE(pin(1h, "r", "us-west-2").refused);
  EXPECT_EQ(machine_.mode(), region_mode::pinned) << "a refused pin leaves the one there is";
}

TEST_F(failover_machine_test, a_pin_is_published_with_its_end_and_ends_to_the_millisecond) {
  all_answer();
  const auto pinned = pin(1h, "maintenance").publish;
  ASSERT_TRUE(pinned);
  EXPECT_EQ(pinned->state.pinned_until, published(now_.wall + 1h));
  EXPECT_EQ(machine_.next_wakeup(), now_.steady + 1h);
  wait(1h - 1ms);
  EXPECT_TRUE(step(tick()).empty());
  wait(1ms);
  const auto ended = step(tick());
  ASSERT_TRUE(ended.publish);
  EXPECT_FALSE(ended.publish->state.pinned_until);
  EXPECT_FALSE(ended.save->pin);
}

TEST_F(failover_machine_test, a_move_is_told_until_it_is_confirmed_whatever_is_published_meanwhile) {
  all_answer();
  const auto moved = pin(1h, "maintenance");
  ASSERT_TRUE(moved.publish && moved.publish->move && moved.save->unpublished);
  const region_move move = *moved.publish->move;
  EXPECT_EQ(move.from, "us-east-1");
  EXPECT_EQ(move.to, "eu-west-1");
  EXPECT_EQ(move.epoch, machine_.epoch());
  EXPECT_TRUE(done(move.epoch - 1).empty()) << "the publication before it";
  const auto later = see(region_rank::primary, failure_class::down);
  ASSERT_TRUE(later.publish);
  EXPECT_EQ(later.publish->move, move);
  const auto confirmed = done(machine_.epoch());
  ASSERT_TRUE(confirmed.save);
  EXPECT_FALSE(confirmed.save->unpublished);
  EXPECT_FALSE(confirmed.publish);
  EXPECT_FALSE(see(region_rank::secondary, failure_class::down).publish->move);
}

TEST_F(failover_machine_test, a_failed_publication_is_repeated_after_1_2_4_and_so_on_to_30_seconds) {
  const region_epoch epoch = machine_.epoch();
  for (const milliseconds pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    EXPECT_TRUE(publication_failed_of(epoch).empty());
    EXPECT_EQ(machine_.next_wakeup(), now_.steady + pause);
    wait(pause - 1ms);
    EXPECT_TRUE(step(tick()).empty());
    wait(1ms);
    const auto again = step(tick());
    ASSERT_TRUE(again.publish);
    EXPECT_EQ(again.publish->state.epoch, epoch);
    EXPECT_FALSE(again.save || again.changed);
    EXPECT_FALSE(machine_.next_wakeup().has_value()) << "it is under way";
  }
  EXPECT_EQ(warnings(), std::vector<std::string>{"epoch 1 is not published everywhere: disk full"});
  done(epoch);
  EXPECT_TRUE(warnings().empty());
  publication_failed_of(epoch);
  EXPECT_EQ(machine_.next_wakeup(), now_.steady + 1s) << "pauses start anew";
}

TEST_F(failover_machine_test, an_outdated_failure_is_not_repeated) {
  see(region_rank::primary, failure_class::none);
  EXPECT_TRUE(publication_failed_of(machine_.epoch() - 1).empty());
  EXPECT_FALSE(machine_.next_wakeup().has_value());
}

TEST_F(failover_machine_test, advises_normal_probes_while_all_is_well_and_fast_fresh_ones_while_not) {
  EXPECT_TRUE(machine_.advice(region_rank::primary).fast) << "nothing is known yet";
  all_answer();
  for (const auto rank : {region_rank::primary, region_rank::secondary}) {
    EXPECT_FALSE(machine_.advice(rank).fast);
    EXPECT_FALSE(machine_.advice(rank).alternate_fresh);
  }
  see(region_rank::primary, failure_class::down);
  for (const auto rank : {region_rank::primary, region_rank::secondary}) {
    EXPECT_TRUE(machine_.advice(rank).fast);
    EXPECT_TRUE(machine_.advice(rank).alternate_fresh) << "who may have to take over has to take new connections";
  }
}

TEST_F(failover_machine_test, advises_normal_probes_of_a_region_that_is_down_for_long_but_fresh_ones_if_they_failed) {
  all_answer();
  for (int i = 0; i < 12; ++i) {
    wait(500ms);
    see(region_rank::secondary, failure_class::down, i % 2 == 0);
    see(region_rank::primary, failure_class::none);
  }
  EXPECT_FALSE(machine_.advice(region_rank::secondary).fast);
  EXPECT_TRUE(machine_.advice(region_rank::secondary).alternate_fresh);
  EXPECT_FALSE(machine_.advice(region_rank::primary).alternate_fresh);
  see(region_rank::secondary, failure_class::none);
  EXPECT_TRUE(machine_.advice(region_rank::secondary).fast) << "it may be back";
}

TEST_F(failover_machine_test, wakes_up_when_the_hold_is_over) {
  all_answer();
  pin(1min, "maintenance");
  wait(1min);
  step(tick());
  EXPECT_EQ(machine_.mode(), region_mode::secondary);
  for (int i = 0; i < 3; ++i)
    see(region_rank::primary, failure_class::none);
  EXPECT_EQ(machine_.mode(), region_mode::recovering);
  EXPECT_EQ(machine_.next_wakeup(), now_.steady + 5min);
  wait(5min);
  const auto back = step(tick());
  ASSERT_TRUE(back.changed);
  EXPECT_TRUE(back.changed->moved());
  EXPECT_EQ(back.changed->from_mode, region_mode::recovering);
  EXPECT_EQ(back.changed->to_mode, region_mode::primary);
  EXPECT_EQ(back.changed->epoch, back.publish->state.epoch);
  EXPECT_EQ(back.save->moves.automatic.size(), 1U);
}

TEST_F(failover_machine_test, one_failed_control_probe_is_doubt_and_two_answers_end_it) {
  all_answer();
  see_control(false);
  EXPECT_EQ(warnings().size(), 1U);
  see(region_rank::primary, failure_class::down);
  EXPECT_EQ(machine_.mode(), region_mode::frozen);
  see_control(true);
  EXPECT_EQ(machine_.mode(), region_mode::frozen);
  see_control(true);
  EXPECT_EQ(machine_.mode(), region_mode::primary) << "and what failed meanwhile is forgotten";
  EXPECT_TRUE(warnings().empty());
}

TEST_F(failover_machine_test, a_control_probe_that_never_answered_confirms_nothing) {
  for (int i = 0; i < 40; ++i) {
    wait(500ms);
    see(region_rank::primary, failure_class::down);
    see(region_rank::secondary, failure_class::none, true);
  }
  EXPECT_EQ(machine_.mode(), region_mode::suspect);
  EXPECT_EQ(machine_.active(), "us-east-1");
  see_control(true);
  EXPECT_EQ(machine_.active(), "eu-west-1");
}

TEST_F(failover_machine_test, a_region_whose_new_connections_are_untried_is_not_moved_to) {
  see_control(true);
  const auto half_a_second = [this](bool fresh) {
    wait(500ms);
    see(region_rank::primary, failure_class::down);
    see_control(true);
    see(region_rank::secondary, failure_class::none, fresh);
  };
  for (int i = 0; i < 20; ++i)
    half_a_second(false);
  EXPECT_EQ(machine_.active(), "us-east-1");
  half_a_second(true);
  EXPECT_EQ(machine_.active(), "eu-west-1");
}

TEST_F(failover_machine_test, what_was_saved_makes_the_same_machine_again) {
  all_answer();
  const auto pinned = pin(1h, "maintenance");
  ASSERT_TRUE(pinned.save);
  wait(10s);
  failover_machine next(two_regions(), true, *pinned.save, "boot", now_);
  const auto first = next.step(tick(), now_);
  ASSERT_TRUE(first.publish);
  EXPECT_EQ(first.publish->state.epoch, pinned.publish->state.epoch + 1);
  EXPECT_EQ(first.publish->state.active, "eu-west-1");
  EXPECT_EQ(first.publish->state.mode, region_mode::pinned);
  EXPECT_EQ(first.publish->state.since, pinned.publish->state.since);
  EXPECT_EQ(first.publish->state.pinned_until, pinned.publish->state.pinned_until);
  EXPECT_EQ(first.publish->move, pinned.publish->move);
  EXPECT_FALSE(first.changed);
}

}  // namespace
}  // namespace mooring::sidecar
