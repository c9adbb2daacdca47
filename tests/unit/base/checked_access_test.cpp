// In every build, the one that ships included, a value that is not there ends the process: cmake/mooring.cmake.
#include <gtest/gtest.h>

#include <csignal>
#include <optional>
#include <vector>

#include "mooring/base/error.hpp"

namespace mooring {
namespace {

class checked_access : public ::testing::Test {
 protected:
  checked_access() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  // What the compiler cannot know.
  static volatile int zero;
};
volatile int checked_access::zero = 0;

TEST_F(checked_access, of_the_value_of_a_failed_result) {
  result<int> found = 1;
  if (zero == 0) found = error(errc::io, "gone");
  EXPECT_EXIT({ zero = *found; }, ::testing::KilledBySignal(SIGABRT), "Assertion");
}

// Boost gives a null pointer here, and asserts nothing.
TEST_F(checked_access, of_a_member_of_a_failed_result) {
  result<std::string> found = "text";
  if (zero == 0) found = error(errc::io, "gone");
  EXPECT_DEATH({ zero = static_cast<int>(found->size()); }, "");
}

TEST_F(checked_access, of_the_value_of_an_empty_optional) {
  std::optional<int> found = 1;
  if (zero == 0) found.reset();
  EXPECT_EXIT({ zero = *found; }, ::testing::KilledBySignal(SIGABRT), "Assertion");
}

TEST_F(checked_access, of_an_element_behind_the_last) {
  const std::vector<int> three{1, 2, 3};
  const auto behind = three.size() + static_cast<std::size_t>(zero);
  EXPECT_EXIT({ zero = three[behind]; }, ::testing::KilledBySignal(SIGABRT), "Assertion");
}

}  // namespace
}  // namespace mooring
