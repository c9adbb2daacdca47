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
#include <optional>
#include <type_traits>

#include "mooring/net/task.hpp"

namespace mooring {
namespace detail {

// Touched on the caller's executor only; the pool's thread merely carries the pointer.
template <class Handler, class Result>
struct blocking_call {
  using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;

  explicit blocking_call(Handler h)
      : executor(asio::get_associated_executor(h, asio::any_io_executor())), work(executor), handler(std::move(h)) {}

  void complete(Result value) {
    if (!handler) return;
    asio::get_associated_cancellation_slot(*handler).clear();
    Handler ready = std::move(*handler);
    handler.reset();
    work.reset();
    std::move(ready)(std::move(value));
  }

  executor_type executor;
  asio::executor_work_guard<executor_type> work;
  std::optional<Handler> handler;
};

}  // namespace detail

template <class F, class Result = std::invoke_result_t<F>>
task<Result> run_blocking(asio::thread_pool& pool, F fn) {
  const auto initiate = [](auto handler, asio::thread_pool* threads, F work) {
    using call_type = detail::blocking_call<decltype(handler), Result>;
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto call = std::make_shared<call_type>(std::move(handler));
    if (slot.is_connected()) {
      slot.assign([call](asio::cancellation_type) {
        asio::post(call->executor, [call] { call->complete(error(errc::cancelled, "stopped waiting for a thread")); });
      });
    }
    asio::post(*threads, [call, work = std::move(work)]() mutable {
      Result value = work();
      auto executor = call->executor;
      asio::post(executor,
                 [call = std::move(call), value = std::move(value)]() mutable { call->complete(std::move(value)); });
    });
  };
  co_return co_await asio::async_initiate<decltype(asio::use_awaitable) const, void(Result)>(
      initiate, asio::use_awaitable, &pool, std::move(fn));
}

}  // namespace mooring
