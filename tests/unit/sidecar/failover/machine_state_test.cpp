#include "sidecar/failover/machine_state.hpp"

#include <gtest/gtest.h>

#include "tests/support/region_states.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

moment at(milliseconds since_boot, milliseconds wall_ahead = 0ms) {
  moment out;
  out.steady = steady_time() + since_boot;
  out.wall = wall_time() + 500'000h + since_boot + wall_ahead;
  return out;
}

machine_state saved() {
  machine_state out;
  out.boot_id = "first";
  out.epoch = 7;
  out.active = "eu-west-1";
  out.mode = region_mode::pinned;
  out.since = at(10h);
  out.reason = "maintenance";
  region_pin pin;
  pin.region = "eu-west-1";
  pin.reason = "maintenance";
  pin.ttl = 30min;
  pin.until = at(10h + 30min);
  out.pin = pin;
  out.moves.automatic = {at(9h + 30min), at(9h + 40min)};
  out.moves.placed = at(10h);
  return out;
}

TEST(machine_state, within_one_boot_the_wall_clock_does_not_matter) {
  const machine_state here = brought_to(saved(), "first", at(10h + 10min, -1000h));
  EXPECT_EQ(here.pin->until.steady, at(10h + 30min).steady);
  EXPECT_EQ(here.moves.placed->steady, at(10h).steady);
  EXPECT_EQ(here.moves.automatic.at(0).steady, at(9h + 30min).steady);
  EXPECT_EQ(here.epoch, 7U);
}

TEST(machine_state, after_a_reboot_the_wall_clock_tells_how_long_ago_it_was) {
  // Booted at 10:15, now 10:20 by the wall clock: 5 minutes on the new steady clock.
  const moment now = at(5min, 10h + 15min);
  const machine_state here = brought_to(saved(), "second", now);
  EXPECT_EQ(here.boot_id, "second");
  EXPECT_EQ(here.pin->until.steady, now.steady + 10min);
  EXPECT_EQ(here.moves.placed->steady, now.steady - 20min);
  EXPECT_EQ(here.moves.automatic.at(1).steady, now.steady - 40min);
  EXPECT_EQ(here.since.wall, at(10h).wall);
}

TEST(machine_state, a_clock_that_is_behind_makes_it_all_just_now_and_a_pin_no_longer_than_it_was_given) {
  const moment now = at(5min, -1000h);
  const machine_state here = brought_to(saved(), "second", now);
  EXPECT_EQ(here.pin->until.steady, now.steady + 30min);
  EXPECT_EQ(here.moves.placed, now);
  EXPECT_EQ(here.moves.automatic, (std::vector<moment>{now, now}));
}

TEST(machine_state, a_clock_that_is_ahead_makes_it_all_long_ago) {
  const moment now = at(5min, 10'000h);
  const machine_state here = brought_to(saved(), "second", now);
  EXPECT_EQ(here.pin->until.steady, now.steady);
  EXPECT_LT(here.moves.automatic.at(1).steady, now.steady - 1000h);
}

TEST(machine_state, without_a_boot_id_only_the_wall_clock_is_believed) {
  machine_state nameless = saved();
  nameless.boot_id.clear();
  const moment now = at(1h, 9h + 10min);
  EXPECT_EQ(brought_to(nameless, "", now).moves.placed->steady, now.steady - 10min);
}

TEST(machine_state, moves_stay_in_order_when_the_wall_clock_was_set_between_them) {
  machine_state jumped = saved();
  jumped.moves.automatic = {at(9h + 40min, 2h), at(9h + 50min)};
  const moment now = at(5min, 14h);
  const auto moves = brought_to(jumped, "second", now).moves.automatic;
  EXPECT_LT(moves.at(0).steady, moves.at(1).steady);
}

TEST(newest_state, is_the_saved_one_unless_something_newer_was_published) {
  EXPECT_EQ(newest_of(saved(), std::nullopt), saved());
  EXPECT_EQ(newest_of(saved(), test::moved_state(6)), saved());
  EXPECT_EQ(newest_of(saved(), test::moved_state(7)), saved());
}

TEST(newest_state, keeps_pin_and_moves_when_only_the_epoch_went_on) {
  machine_state expected = saved();
  expected.epoch = 9;
  EXPECT_EQ(newest_of(saved(), test::moved_state(9)), expected);
}

TEST(newest_state, follows_what_was_published_when_it_is_another_region) {
  machine_state behind = saved();
  behind.active = "us-east-1";
  behind.unpublished = region_move();
  const machine_state found = newest_of(behind, test::moved_state(9));
  EXPECT_EQ(found.epoch, 9U);
  EXPECT_EQ(found.active, "eu-west-1");
  EXPECT_EQ(found.mode, region_mode::secondary);
  EXPECT_FALSE(found.pin.has_value());
  EXPECT_EQ(found.unpublished, (region_move{"us-east-1", "eu-west-1", 9, test::moved_state(9).reason}))
      << "whether nginx and the hooks know it was not saved";
  EXPECT_EQ(found.moves.placed->wall, test::moved_state(9).since);
  const moment now = at(1h);
  const machine_state here = brought_to(found, "first", now);
  EXPECT_EQ(here.moves.placed->steady, now.steady - (now.wall - test::moved_state(9).since))
      << "its time is known by the wall clock only";
}

TEST(newest_state, of_nothing_is_what_was_published) {
  EXPECT_EQ(newest_of(machine_state(), test::moved_state(3)).active, "eu-west-1");
  EXPECT_FALSE(newest_of(machine_state(), test::moved_state(3)).unpublished) << "from where is not known";
  EXPECT_EQ(newest_of(machine_state(), std::nullopt), machine_state());
}

}  // namespace
}  // namespace mooring::sidecar
