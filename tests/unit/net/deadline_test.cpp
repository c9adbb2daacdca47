#include "mooring/net/deadline.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "mooring/net/blocking.hpp"
#include "mooring/net/drain.hpp"
#include "tests/support/run_task.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

task<result<int>> value_after(milliseconds time) {
  const bool slept = co_await sleep_for(time);
  if (!slept) co_return error(errc::cancelled, "woken early");
  co_return 7;
}

task<result<int>> bug() {
  co_await sleep_for(1ms);
  throw std::logic_error("bug");
}

TEST(with_deadline, gives_the_value_in_time) {
  const auto value = test::run_task(with_deadline(value_after(1ms), clock_type::now() + 5s, "late"));
  EXPECT_EQ(value.value(), 7);
}

TEST(with_deadline, gives_up_at_the_deadline) {
  const auto started = clock_type::now();
  const auto value = test::run_task(with_deadline(value_after(30s), started + 20ms, "too late"));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), errc::timed_out);
  EXPECT_EQ(value.error().detail(), "too late");
  EXPECT_LT(clock_type::now() - started, 10s);
}

TEST(with_deadline, lets_a_bug_through) {
  EXPECT_THROW(test::run_task(with_deadline(bug(), clock_type::now() + 5s, "late")), std::logic_error);
}

TEST(run_blocking, works_elsewhere_and_returns_here) {
  asio::io_context io(1);
  asio::thread_pool pool(1);
  const auto here = std::this_thread::get_id();
  const auto work = [here]() -> result<bool> { return std::this_thread::get_id() != here; };
  EXPECT_TRUE(test::run_task(io, run_blocking(pool, work)).value());
  pool.join();
}

TEST(run_blocking, a_hung_thread_does_not_hold_the_caller) {
  asio::io_context io(1);
  asio::thread_pool pool(1);
  const auto work = []() -> result<int> {
    std::this_thread::sleep_for(300ms);
    return 1;
  };
  const auto started = clock_type::now();
  const auto value = test::run_task(io, with_deadline(run_blocking(pool, work), started + 20ms, "the thread hangs"));
  EXPECT_LT(clock_type::now() - started, 250ms);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), errc::timed_out);
  pool.join();
}

task<result<bool>> drain_of(drain_register& live, milliseconds finish, milliseconds grace) {
  co_return co_await live.drain(finish, grace);
}

using request = drain_register::request;

TEST(drain_register, waits_for_the_last_connection) {
  asio::io_context io(1);
  drain_register live(io.get_executor());
  std::vector<request> heard;
  const auto listen = [&heard](request what) { heard.push_back(what); };
  auto first = std::make_unique<drain_register::ticket>(live, listen);
  auto second = std::make_unique<drain_register::ticket>(live, listen);
  asio::steady_timer leave(io, 20ms);
  leave.async_wait([&](error_code) {
    first.reset();
    second.reset();
  });
  EXPECT_TRUE(test::run_task(io, drain_of(live, 10s, 10s)).value());
  EXPECT_EQ(heard, (std::vector{request::end_when_done, request::end_when_done}));
}

TEST(drain_register, stops_those_that_do_not_finish_and_late_comers_and_gives_up_after_the_grace) {
  asio::io_context io(1);
  drain_register live(io.get_executor());
  std::vector<request> heard;
  const drain_register::ticket stuck(live, [&heard](request what) { heard.push_back(what); });
  EXPECT_FALSE(test::run_task(io, drain_of(live, 5ms, 10ms)).value());
  EXPECT_EQ(heard, (std::vector{request::end_when_done, request::stop_reading}));
  const drain_register::ticket late(live, [&heard](request what) { heard.push_back(what); });
  EXPECT_EQ(heard.back(), request::stop_reading);
  EXPECT_EQ(heard.size(), 3U);
}

}  // namespace
}  // namespace mooring
