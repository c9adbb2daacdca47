#include "mooring/credentials/refreshing_provider.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "iso_time.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

// A program may take its time; every request has a shorter limit of its own.
constexpr auto time_for_a_renewal = 60s;

// A disk that hangs must not put off a renewal for long.
constexpr auto time_for_a_look = 5s;

// How soon a changed file or a wall clock that was set is noticed.
constexpr milliseconds longest_sleep = 5s;
constexpr milliseconds shortest_sleep = 20ms;

refresh_plan::moment now_of(const clock& time) {
  refresh_plan::moment out;
  out.wall = time.wall();
  out.steady = time.steady();
  return out;
}

}  // namespace

refreshing_provider::refreshing_provider(const asio::any_io_executor& executor,
                                         std::unique_ptr<credential_source> source, const clock& time,
                                         const logger& log, std::function<double()> random)
    : executor_(executor),
      source_(std::move(source)),
      time_(time),
      log_(log),
      random_(std::move(random)),
      pause_(executor) {}

bool refreshing_provider::usable() const {
  return held_ && (!held_->expires || held_->outlive_expiry || time_.wall() < *held_->expires);
}

result<credentials> refreshing_provider::current() {
  if (usable()) return held_->keys;
  if (!held_) return error(errc::misconfigured, last_failure_.detail());
  return error(errc::misconfigured, "the AWS credentials from " + held_->source + " expired at " +
                                        format_iso_time(*held_->expires) +
                                        ", and renewing them failed: " + last_failure_.detail());
}

task<result<void>> refreshing_provider::first_fetch(steady_time deadline) {
  silent_ = true;
  auto found = co_await source_->fetch(deadline);
  result<void> fine;
  if (found && *found) {
    accept(**std::move(found));
    co_return fine;
  }
  last_failure_ = found ? error(errc::misconfigured, "no AWS credentials are set up") : found.error();
  report_failure();
  if (last_failure_.meaning().transient) co_return fine;
  co_return error(errc::misconfigured, last_failure_.detail());
}

task<void> refreshing_provider::run() {
  while (!stopped_) {
    co_await refresh_if_due();
    if (stopped_) co_return;
    pause_.expires_after(plan_.until_due(now_of(time_), shortest_sleep, longest_sleep));
    co_await pause_.async_wait(nothrow);
  }
}

void refreshing_provider::stop() {
  stopped_ = true;
  pause_.cancel();
  abandon_.emit(asio::cancellation_type::terminal);
}

task<void> refreshing_provider::refresh_if_due() {
  if (std::exchange(silent_, false)) {
    if (held_)
      tell_what_is_held();
    else
      log_.warn("credentials.not_yet", "reason", last_failure_.detail());
  }
  bool due = plan_.due(now_of(time_));
  if (!due) due = co_await source_->changed(time_.steady() + time_for_a_look);
  if (!due || stopped_) co_return;
  auto found = co_await fetch_until_stopped(time_.steady() + time_for_a_renewal);
  if (stopped_) co_return;
  if (found && *found) {
    accept(**std::move(found));
    co_return;
  }
  last_failure_ = found ? error(errc::misconfigured, "the AWS credentials are no longer set up") : found.error();
  report_failure();
}

task<fetched_credentials> refreshing_provider::fetch_until_stopped(steady_time deadline) {
  fetched_credentials found(error(errc::cancelled, "stopped"));
  task<void> fetching = fetch_into(found, deadline);
  auto token = asio::bind_cancellation_slot(abandon_.slot(), nothrow);
  auto [bug] = co_await asio::co_spawn(executor_, std::move(fetching), std::move(token));
  // An abandoned task ends with an exception of Asio's; that is no bug.
  if (bug && !stopped_) std::rethrow_exception(bug);
  co_return found;
}

task<void> refreshing_provider::fetch_into(fetched_credentials& found, steady_time deadline) {
  found = co_await source_->fetch(deadline);
}

void refreshing_provider::accept(temporary_credentials found) {
  const auto now = now_of(time_);
  if (found.expires && *found.expires <= now.wall && !found.outlive_expiry) {
    last_failure_ = error(errc::misconfigured, found.source + " gave credentials that expired at " +
                                                   format_iso_time(*found.expires) + "; check this node's clock");
    return report_failure();
  }
  const bool is_new = !held_ || held_->keys != found.keys || held_->expires != found.expires;
  if (!is_new) last_failure_ = error(errc::misconfigured, found.source + " gave the same ones again");
  extended_ = found.outlive_expiry && plan_.extended(now, found.expires, random_());
  if (!found.outlive_expiry) plan_.renewed(now, found.expires, random_());
  held_ = std::move(found);
  if (!silent_ && (is_new || extended_)) tell_what_is_held();
}

void refreshing_provider::tell_what_is_held() const {
  const std::string expires = held_->expires ? format_iso_time(*held_->expires) : "never";
  if (extended_)
    log_.warn("credentials.kept_past_expiry", "source", held_->source, "expires", expires, "reason",
              "the service has no newer ones yet");
  else
    log_.info("credentials.obtained", "source", held_->source, "expires", expires);
}

void refreshing_provider::report_failure() {
  const auto now = now_of(time_);
  plan_.failed(now, random_());
  if (silent_) return;
  const auto again = plan_.until_due(now, shortest_sleep, 1h);
  if (usable() && !plan_.urgent(now))
    log_.warn("credentials.not_renewed", "reason", last_failure_.detail(), "again_in_ms", again.count());
  else
    log_.error("credentials.failed", "usable", usable(), "reason", last_failure_.detail(), "again_in_ms",
               again.count());
}

}  // namespace mooring
