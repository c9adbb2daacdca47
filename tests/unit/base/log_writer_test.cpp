#include "src/base/log_writer.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace mooring {
namespace {

// Standard error that takes nothing until it is released. The writer's thread may outlive the test's writer.
struct stuck_output {
  std::promise<void> reached;  // the writer's thread hangs in it
  std::promise<void> release;
  std::shared_future<void> released{release.get_future()};
  std::mutex mutex;
  std::vector<std::string> lines;

  void write(std::string_view line) {
    if (lines.empty()) reached.set_value();
    released.wait();
    const std::lock_guard hold(mutex);
    lines.emplace_back(line);
  }
};

class log_writer_test : public ::testing::Test {
 protected:
  log_writer_test() : subject_(std::in_place, [output = output_](std::string_view line) { output->write(line); }) {}

  // One line is being written and hangs; `count` more are queued behind it.
  void hang_with_queued(std::size_t count) {
    subject_->put("first\n");
    output_->reached.get_future().wait();
    for (std::size_t i = 0; i < count; ++i)
      subject_->put(std::to_string(i) + "\n");
  }

  std::shared_ptr<stuck_output> output_ = std::make_shared<stuck_output>();
  std::optional<log_writer> subject_;
};

TEST_F(log_writer_test, a_full_queue_loses_no_line) {
  hang_with_queued(log_writer::max_queued_lines);
  output_->release.set_value();
  ASSERT_TRUE(subject_->flush());
  ASSERT_EQ(output_->lines.size(), log_writer::max_queued_lines + 1);
  EXPECT_EQ(output_->lines.back(), std::to_string(log_writer::max_queued_lines - 1) + "\n");
}

TEST_F(log_writer_test, over_its_limit_new_lines_are_dropped_and_counted_in_their_place) {
  hang_with_queued(log_writer::max_queued_lines + 2);
  output_->release.set_value();
  ASSERT_TRUE(subject_->flush());
  ASSERT_EQ(output_->lines.size(), log_writer::max_queued_lines + 2);
  EXPECT_EQ(output_->lines.back(), "level=warn event=log.dropped lines=2\n");
  subject_->put("after\n");
  ASSERT_TRUE(subject_->flush());
  EXPECT_EQ(output_->lines.back(), "after\n");
}

TEST_F(log_writer_test, an_output_that_hangs_holds_nobody) {
  hang_with_queued(1);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(subject_->flush());
  EXPECT_GE(std::chrono::steady_clock::now() - before, log_writer::flush_time);
  EXPECT_EQ(subject_->unwritten(), 2U);
  subject_.reset();
  output_->release.set_value();
}

TEST(log_writer, what_is_queued_is_written_before_its_end) {
  std::string written;
  {
    log_writer([&](std::string_view line) { written.append(line); }).put("last\n");
  }
  EXPECT_EQ(written, "last\n");
}

}  // namespace
}  // namespace mooring
