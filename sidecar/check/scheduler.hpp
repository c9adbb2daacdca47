// Runs every check on a timer of its own and tells what it found.
//
//   wait -> probe(deadline) -> outcome -> rise/fall -> listener -> wait (interval, or fast_interval while in doubt)
//
// Promises: one run of a check in flight at most; a run ends at its deadline whatever the check does; a slow check does
// not delay another; runs are spread by +-20 %, so that the nodes of a fleet do not ask in step. The first run is at
// once. One io_context thread.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <list>

#include "check.hpp"
#include "sidecar/health/hysteresis.hpp"

namespace mooring::sidecar {

struct check_timing {
  milliseconds interval{2000};
  milliseconds fast_interval{500};
  milliseconds timeout{2000};
  int rise = 2;
  int fall = 3;
};

struct observation {
  std::size_t check = 0;  // the number that add() was given
  outcome found;
  check_state state = check_state::unknown;
  bool state_changed = false;
};

// `random` is uniform in [0, 1): 0.8 to 1.2 times the interval.
milliseconds jittered(milliseconds interval, double random);

class scheduler {
 public:
  using listener = std::function<void(const observation&)>;

  scheduler(const asio::any_io_executor& executor, const clock& time, const logger& log, std::function<double()> random,
            listener on_outcome);

  // Before start(). `number` comes back in every observation.
  void add(std::size_t number, check& subject, const check_timing& timing);
  void start();

  // Ends the waits and abandons the runs in flight; the listener hears nothing more.
  void stop();

 private:
  struct entry {
    entry(const asio::any_io_executor& executor, std::size_t n, check& s, const check_timing& t)
        : number(n), subject(s), timing(t), state(t.rise, t.fall), timer(executor) {}

    std::size_t number;
    check& subject;
    check_timing timing;
    hysteresis state;
    asio::steady_timer timer;
    asio::cancellation_signal abandon;
  };

  task<void> run(entry& e);
  task<outcome> run_once(entry& e, steady_time deadline);

  asio::any_io_executor executor_;
  const clock& time_;
  logger log_;
  std::function<double()> random_;
  listener on_outcome_;
  std::list<entry> entries_;  // a list: tasks keep references
  bool stopped_ = false;
};

}  // namespace mooring::sidecar
