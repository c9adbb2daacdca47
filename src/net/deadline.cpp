#include "mooring/net/deadline.hpp"

namespace mooring {

task<bool> sleep_until(steady_time when) {
  asio::steady_timer timer(co_await asio::this_coro::executor, when);
  auto [ec] = co_await timer.async_wait(nothrow);
  co_return !ec;
}

task<bool> sleep_for(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  auto [ec] = co_await timer.async_wait(nothrow);
  co_return !ec;
}

}  // namespace mooring
