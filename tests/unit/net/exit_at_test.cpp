#include "mooring/net/exit_at.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace mooring {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void hang_with_an_exit_at(milliseconds from_now) {
  exit_at(std::chrono::steady_clock::now() + from_now, 7);
  for (;;)
    std::this_thread::sleep_for(1h);
}

TEST(exit_at_test, a_process_that_hangs_ends_with_the_code) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(hang_with_an_exit_at(10ms), ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace mooring
