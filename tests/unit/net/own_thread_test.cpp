#include "mooring/net/own_thread.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

#include "tests/support/run_task.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

steady_time own_thread_end(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

TEST(own_thread, works_elsewhere_and_returns_here) {
  const auto here = std::this_thread::get_id();
  const auto work = [here]() -> result<bool> { return std::this_thread::get_id() != here; };
  EXPECT_TRUE(test::run_task(run_on_own_thread(work, own_thread_end(20s), "late")).value());
}

TEST(own_thread, gives_the_error_of_its_work) {
  const auto work = []() -> result<int> { return error(errc::io, "cannot read"); };
  EXPECT_EQ(test::run_task(run_on_own_thread(work, own_thread_end(20s), "late")).error().detail(), "cannot read");
}

TEST(own_thread, one_that_hangs_outlives_its_caller_and_the_io_context) {
  std::promise<void> release;
  std::promise<void> ended;
  const auto released = release.get_future().share();
  // Destroyed on the thread, once its late result has been dropped.
  std::shared_ptr<void> end(nullptr, [&ended](void*) { ended.set_value(); });
  {
    auto work = [released, end]() -> result<int> {
      released.wait();
      return 1;
    };
    const auto found = test::run_task(run_on_own_thread(std::move(work), own_thread_end(20ms), "the disk hangs"));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), errc::timed_out);
    EXPECT_EQ(found.error().detail(), "the disk hangs");
  }
  end.reset();
  release.set_value();
  EXPECT_EQ(ended.get_future().wait_for(20s), std::future_status::ready);
}

TEST(own_thread, over_the_limit_nothing_waits) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  const auto hang = [released]() -> result<int> {
    released.wait();
    return 1;
  };
  const auto quick = []() -> result<int> { return 2; };
  asio::io_context io(1);
  std::vector<result<int>> ends;
  const auto keep = [&ends](std::exception_ptr, result<int> value) { ends.push_back(std::move(value)); };
  for (std::size_t i = 0; i + 1 < max_own_threads; ++i)
    asio::co_spawn(io, run_on_own_thread(hang, own_thread_end(60s), "late"), keep);
  io.poll();
  EXPECT_EQ(test::run_task(io, run_on_own_thread(quick, own_thread_end(60s), "late")).value(), 2);
  asio::co_spawn(io, run_on_own_thread(hang, own_thread_end(60s), "late"), keep);
  io.poll();
  EXPECT_EQ(test::run_task(io, run_on_own_thread(quick, own_thread_end(60s), "late")).error().code(), errc::busy);
  EXPECT_TRUE(ends.empty());
  release.set_value();
  io.restart();
  io.run();
  EXPECT_EQ(ends.size(), max_own_threads);
}

}  // namespace
}  // namespace mooring
