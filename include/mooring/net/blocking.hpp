// One hop to a thread for libraries that block (MySQL, SQLite), and back to the caller's executor.
//
// `fn` runs on `pool`, returns a result<T> and never throws. Cancelling (with_deadline does) ends the wait at once with
// errc::cancelled; the thread itself cannot be stopped and its late result is dropped, so the library's own timeouts
// must be set too. `fn` must be a named object at the call (g++ 12). The pool must be joined before the io_context
// dies.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>

#include "mooring/net/task.hpp"

namespace mooring {
namespace detail {

// Touched on the caller's executor only, but for deliver().
template <class Handler, class Result>
struct blocking_call {
  using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;

  explicit blocking_call(Handler h)
      : executor(asio::get_associated_executor(h, asio::any_io_executor())), work(executor), handler(std::move(h)) {}

  // From the thread. Whoever has stopped waiting may be gone, and its io_context with it.
  static void deliver(std::shared_ptr<blocking_call> call, Result value) {
    const std::lock_guard hold(call->mutex);
    if (call->ended) return;
    asio::post(call->executor, [call, value = std::move(value)]() mutable { call->complete(std::move(value)); });
  }

  void complete(Result value) {
    if (!handler) return;
    {
      const std::lock_guard hold(mutex);
      ended = true;
    }
    asio::get_associated_cancellation_slot(*handler).clear();
    Handler ready = std::move(*handler);
    handler.reset();
    work.reset();
    std::move(ready)(std::move(value));
  }

  executor_type executor;
  asio::executor_work_guard<executor_type> work;
  std::optional<Handler> handler;
  std::mutex mutex;
  bool ended = false;
};

// Makes the call that waits for what a thread delivers, and hands it to `start`.
template <class Result, class Start>
task<Result> wait_for_thread(Start start) {
  const auto initiate = [](auto handler, Start begin) {
    using call_type = blocking_call<decltype(handler), Result>;
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto call = std::make_shared<call_type>(std::move(handler));
    if (slot.is_connected()) {
      slot.assign([call](asio::cancellation_type) {
        asio::post(call->executor, [call] { call->complete(error(errc::cancelled, "stopped waiting for a thread")); });
      });
    }
    begin([call](Result value) { call_type::deliver(call, std::move(value)); });
  };
  co_return co_await asio::async_initiate<decltype(asio::use_awaitable) const, void(Result)>(
      initiate, asio::use_awaitable, std::move(start));
}

}  // namespace detail

template <class F, class Result = std::invoke_result_t<F>>
task<Result> run_blocking(asio::thread_pool& pool, F fn) {
  auto start = [&pool, work = std::move(fn)](auto deliver) mutable {
    asio::post(pool, [deliver, work = std::move(work)]() mutable { deliver(work()); });
  };
  return detail::wait_for_thread<Result>(std::move(start));
}

}  // namespace mooring
