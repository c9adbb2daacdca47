// The promises of the failover machine, held against thousands of random stories.
// Each run prints its seed; MOORING_TEST_SEED=N repeats it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/support/region_faults.hpp"

namespace mooring::sidecar {
namespace {

using test::fault_menu;
using test::fault_story;
using test::region_world;
using test::weather;
using test::weather_kind;

constexpr int chapters = 14;
constexpr std::uint_fast32_t usual_seed = 20'251'020;

std::uint_fast32_t first_seed() {
  const char* wanted = std::getenv("MOORING_TEST_SEED");
  return wanted == nullptr ? usual_seed : static_cast<std::uint_fast32_t>(std::strtoul(wanted, nullptr, 10));
}

struct tally {
  std::size_t moves = 0;  // pins among them
  std::size_t failovers = 0;
  std::size_t failbacks = 0;
  std::size_t publications = 0;
  std::size_t drills = 0;
};

tally play(std::uint_fast32_t stories, const fault_menu& menu, std::uint_fast32_t offset) {
  tally out;
  const std::uint_fast32_t first = first_seed() + offset;
  std::cout << stories << " stories from MOORING_TEST_SEED=" << first_seed() << "\n";
  for (std::uint_fast32_t i = 0; i < stories; ++i) {
    fault_story story(first + i, menu);
    story.play(chapters);
    EXPECT_TRUE(story.rests()) << "nothing is due after a step; story " << first + i;
    for (const auto& promise : story.referee().broken())
      ADD_FAILURE() << "broken in story " << first + i << ": " << promise;
    out.moves += story.referee().moves();
    out.failovers += story.referee().failovers();
    out.failbacks += story.referee().failbacks();
    out.publications += story.referee().publications();
    out.drills += story.referee().drills();
    if (testing::Test::HasFailure()) break;
  }
  std::cout << out.moves << " moves, " << out.failovers << " failovers, " << out.failbacks << " failbacks, "
            << out.publications << " publications, " << out.drills << " drills\n";
  return out;
}

// In parts, that they run side by side: without optimisation all of them take half a minute.
class random_stories : public testing::TestWithParam<std::uint_fast32_t> {};

TEST_P(random_stories, keep_every_promise) {
  const tally seen = play(4'000, test::all_faults(), GetParam());
  // Stories in which nothing happens prove nothing.
  EXPECT_GT(seen.failovers, 200U);
  EXPECT_GT(seen.failbacks, 20U);
  EXPECT_GT(seen.drills, 100U);
}

INSTANTIATE_TEST_SUITE_P(from, random_stories, testing::Values(0, 4'000, 8'000, 12'000, 16'000),
                         testing::PrintToStringParamName());

TEST(random_faults, with_bad_disks_and_clocks_still_move_to_healthy_regions_only) {
  fault_menu menu = test::all_faults();
  menu.bad_memory = true;
  EXPECT_GT(play(2'000, menu, 100'000).moves, 1'000U);
}

TEST(random_faults, of_other_classes_than_regional_never_move) {
  fault_menu menu;
  menu.of_regions = {weather_kind::answers, weather_kind::throttles, weather_kind::denies, weather_kind::skews,
                     weather_kind::no_route};
  menu.of_control = {weather_kind::answers, weather_kind::vanishes, weather_kind::no_route};
  menu.pins = false;
  menu.drills = false;
  EXPECT_EQ(play(2'000, menu, 200'000).moves, 0U);
}

}  // namespace
}  // namespace mooring::sidecar
