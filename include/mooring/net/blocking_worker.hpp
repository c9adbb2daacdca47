// One thread for calls that may never come back, such as those of one disk: one at a time, each with a limit.
//
// run() takes a named object that returns a result<T> and never throws. It gives that result, or errc::timed_out once
// `limit` is over, or errc::cancelled. The call itself cannot be stopped: it may end later, and its result is dropped.
// While it has not ended, run() refuses at once with errc::timed_out, so that no calls pile up behind one that hangs.
// The caller waits on its own executor, and there is no waiting line: callers that must not meet each other take turns.
//
// The destructor waits for a call that has not ended. A daemon whose worker hangs() at its end leaves by _Exit instead.
#pragma once

#include <atomic>

#include "mooring/net/blocking.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring {

class blocking_worker {
 public:
  // `what` it works on, for the error: "/var/lib/mooring/region.json has not answered within 1000 ms".
  explicit blocking_worker(std::string what) : what_(std::move(what)) {}

  template <class F, class Result = std::invoke_result_t<F>>
  task<Result> run(F call, milliseconds limit) {
    const std::string late = what_ + " has not answered within " + std::to_string(limit.count()) + " ms";
    if (busy_.exchange(true)) co_return error(errc::timed_out, what_ + " has not answered an earlier call yet");
    const auto work = [this, call = std::move(call)] {
      Result out = call();
      busy_ = false;
      return out;
    };
    auto hop = run_blocking(thread_, work);
    const steady_time deadline = std::chrono::steady_clock::now() + limit;
    co_return co_await with_deadline(std::move(hop), deadline, late);
  }

  // A call has not ended yet.
  bool hangs() const { return busy_; }

 private:
  std::string what_;
  std::atomic<bool> busy_ = false;
  asio::thread_pool thread_{1};  // last: joined before what its work uses goes away
};

}  // namespace mooring
