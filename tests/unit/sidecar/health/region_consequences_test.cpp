#include "sidecar/health/region_consequences.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

constexpr auto up = check_state::up;
constexpr auto down = check_state::down;
constexpr auto warn = on_failure::warn;
constexpr auto fail = on_failure::fail;
using weights = std::vector<on_failure>;

TEST(region_consequences, a_region_that_is_down_is_no_reason_to_leave_while_the_other_one_is_there) {
  EXPECT_EQ(region_consequences({up, up}, 0, false, fail), (weights{warn, warn}));
  EXPECT_EQ(region_consequences({down, up}, 0, false, fail), (weights{warn, warn}));
  EXPECT_EQ(region_consequences({up, down}, 0, false, fail), (weights{warn, warn}));
  EXPECT_EQ(region_consequences({down, check_state::unknown}, 0, false, fail), (weights{warn, warn}));
}

TEST(region_consequences, when_none_is_left_the_one_in_use_counts_as_configured) {
  EXPECT_EQ(region_consequences({down, down}, 0, false, fail), (weights{fail, warn}));
  EXPECT_EQ(region_consequences({down, down}, 1, false, fail), (weights{warn, fail}));
  EXPECT_EQ(region_consequences({down, down}, 1, false, warn), (weights{warn, warn}));
}

TEST(region_consequences, the_machine_may_know_it_before_the_checks_do) {
  EXPECT_EQ(region_consequences({down, up}, 0, true, fail), (weights{fail, warn}));
}

}  // namespace
}  // namespace mooring::sidecar
