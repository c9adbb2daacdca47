// A call that may never return (a file on a disk that hangs, the start of a program there), on a thread of its own.
//
//   const auto read = [path] { return read_small_file(path, limit); };
//   auto text = co_await run_on_own_thread(read, deadline, path + " cannot be read: its disk does not answer");
//
// `fn` returns a result<T> and never throws; it owns what it uses, because nothing waits for it: at the deadline the
// caller goes on with errc::timed_out and `late`, a cancelled caller with errc::cancelled, and the late result is
// destroyed on the thread. Such a thread is left behind, also by the end of the process; at most max_own_threads of the
// process exist, and one more is errc::busy at once. `fn` must be a named object at the call (g++ 12).
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "mooring/net/blocking.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring {

constexpr std::size_t max_own_threads = 32;

namespace detail {
// Runs `work`, which may hang, and then `deliver`. False, and neither is run: there are too many threads.
bool start_own_thread(std::function<void()> work, std::function<void()> deliver);
}  // namespace detail

template <class F, class Result = std::invoke_result_t<F>>
task<Result> run_on_own_thread(F fn, steady_time deadline, std::string late) {
  auto start = [work = std::make_shared<F>(std::move(fn))](auto deliver) {
    const auto value = std::make_shared<std::optional<Result>>();
    const bool started = detail::start_own_thread([work, value] { *value = (*work)(); },
                                                  [value, deliver] { deliver(std::move(**value)); });
    if (!started) deliver(error(errc::busy, "too many threads hang, as those of a disk do that does not answer"));
  };
  auto waiting = detail::wait_for_thread<Result>(std::move(start));
  co_return co_await with_deadline(std::move(waiting), deadline, std::move(late));
}

}  // namespace mooring
