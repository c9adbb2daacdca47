// Deadlines and pauses for tasks.
//
// The deadline of a piece of work is set once, at the edge, and handed down as a time point; nobody below invents one.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring {

// Sleeps until `when`. False: the sleep was cancelled.
task<bool> sleep_until(steady_time when);
task<bool> sleep_for(std::chrono::milliseconds time);

// Runs `operation`; at the deadline it is cancelled, its end is awaited, and the result is errc::timed_out. Whatever it
// had done by then stays done. T must be default-constructible. An exception of the operation passes through.
template <class T>
task<result<T>> with_deadline(task<result<T>> operation, steady_time deadline, std::string what) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, deadline);
  auto group = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(operation), asio::deferred),
                                                       timer.async_wait(asio::deferred));
  auto [order, failure, value, timer_ec] =
      co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (order[0] == 1 && !timer_ec) co_return error(errc::timed_out, std::move(what));
  if (failure) std::rethrow_exception(failure);
  co_return std::move(value);
}

}  // namespace mooring
