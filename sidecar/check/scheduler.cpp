#include "scheduler.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include "mooring/base/duration_text.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring::sidecar {
namespace {

task<result<outcome>> as_result(check& subject, steady_time deadline) {
  outcome found = co_await subject.probe(deadline);
  co_return found;
}

}  // namespace

milliseconds jittered(milliseconds interval, double random) {
  return milliseconds(static_cast<long long>(static_cast<double>(interval.count()) * (0.8 + 0.4 * random)));
}

scheduler::scheduler(const asio::any_io_executor& executor, const clock& time, const logger& log,
                     std::function<double()> random, listener on_outcome)
    : executor_(executor), time_(time), log_(log), random_(std::move(random)), on_outcome_(std::move(on_outcome)) {}

void scheduler::add(std::size_t number, check& subject, const check_timing& timing) {
  entries_.emplace_back(executor_, number, subject, timing);
}

void scheduler::start() {
  for (entry& e : entries_)
    spawn(executor_, log_, "check " + e.subject.name(), run(e));
}

void scheduler::stop() {
  stopped_ = true;
  for (entry& e : entries_) {
    e.timer.cancel();
    e.abandon.emit(asio::cancellation_type::terminal);
  }
}

task<void> scheduler::run(entry& e) {
  while (!stopped_) {
    const steady_time begun = time_.steady();
    observation seen;
    seen.found = co_await run_once(e, begun + e.timing.timeout);
    if (stopped_) co_return;
    seen.found.took(time_.steady() - begun);
    seen.check = e.number;
    seen.state_changed = e.state.record(seen.found.ok());
    seen.state = e.state.state();
    on_outcome_(seen);
    if (stopped_) co_return;
    const milliseconds pause = e.state.in_doubt() || e.subject.hurries() ? e.timing.fast_interval : e.timing.interval;
    e.timer.expires_at(begun + jittered(pause, random_()));
    co_await e.timer.async_wait(nothrow);
  }
}

task<outcome> scheduler::run_once(entry& e, steady_time deadline) {
  task<result<outcome>> bounded = with_deadline(as_result(e.subject, deadline), deadline, "no answer");
  auto token = asio::bind_cancellation_slot(e.abandon.slot(), nothrow);
  auto [bug, found] = co_await asio::co_spawn(executor_, std::move(bounded), std::move(token));
  if (stopped_) co_return outcome::fine();
  if (bug) std::rethrow_exception(bug);
  if (found) co_return *std::move(found);
  co_return outcome::failed(failure_class::timed_out, "no answer within " + format_duration(e.timing.timeout));
}

}  // namespace mooring::sidecar
