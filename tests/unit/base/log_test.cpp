#include "mooring/base/log.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "mooring/base/log_limiter.hpp"

namespace mooring {
namespace {

TEST(log, writes_one_logfmt_line) {
  std::string lines;
  logger::to_string(lines).info("sessiond.ready", "socket", "/run/s.sock", "connections", 3, "clean", true);
  EXPECT_EQ(lines, "level=info event=sessiond.ready socket=/run/s.sock connections=3 clean=true\n");
}

TEST(log, quotes_what_could_forge_a_line) {
  std::string lines;
  logger::to_string(lines).warn("x", "why", "a \"b\"\nlevel=error", "empty", "");
  EXPECT_EQ(lines, "level=warn event=x why=\"a \\\"b\\\"\\x0alevel=error\" empty=\"\"\n");
}

TEST(log, drops_what_is_below_its_level) {
  std::string lines;
  const auto log = logger::to_string(lines, log_level::warn);
  log.info("quiet");
  log.error("loud");
  EXPECT_EQ(lines, "level=error event=loud\n");
}

// In a process of its own, because a fork has no thread that writes.
class log_end : public ::testing::Test {
 protected:
  log_end() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  static void write_lines() {
    const auto log = logger::to_stderr(log_level::info);
    for (int i = 0; i < 200; ++i)
      log.info("line", "number", i);
  }
};

constexpr const char* last_line = "level=info event=line number=199\n";

TEST_F(log_end, an_exit_writes_what_is_queued) {
  EXPECT_EXIT(
      {
        write_lines();
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), last_line);
}

TEST_F(log_end, an_exit_that_destroys_nothing_writes_what_is_queued) {
  EXPECT_EXIT(
      {
        write_lines();
        flush_log_and_exit(3);
      },
      ::testing::ExitedWithCode(3), last_line);
}

TEST_F(log_end, an_abort_writes_what_is_queued) {
  EXPECT_EXIT(
      {
        write_lines();
        std::abort();
      },
      ::testing::KilledBySignal(SIGABRT), last_line);
}

TEST(log_limiter, admits_one_line_a_second_and_counts_the_others) {
  log_limiter lines;
  const steady_time start{};
  EXPECT_EQ(lines.admit(start), 0U);
  EXPECT_EQ(lines.admit(start + milliseconds(1)), std::nullopt);
  EXPECT_EQ(lines.admit(start + milliseconds(999)), std::nullopt);
  EXPECT_EQ(lines.admit(start + seconds(1)), 2U);
  EXPECT_EQ(lines.admit(start + seconds(9)), 0U);
}

}  // namespace
}  // namespace mooring
