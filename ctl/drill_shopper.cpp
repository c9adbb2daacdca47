#include "ctl/drill_shopper.hpp"

#include "mooring/net/deadline.hpp"

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

// Long enough for the longest drill and a way back; what is left behind is gone soon after.
constexpr const char* time_to_live = "10800";

std::string data_of(int number) {
  return "drill|i:" + std::to_string(number) + ";";
}

error not_understood() {
  return error(errc::bad_data,
               "mooring-sessiond gave an answer that this mooringctl does not understand; install the same version of "
               "both");
}

}  // namespace

drill_shopper::drill_shopper(const asio::any_io_executor& executor, const settings& config, std::string name,
                             std::string id, const clock& time, listener on_visit)
    : config_(config),
      name_(std::move(name)),
      id_(std::move(id)),
      time_(time),
      on_visit_(std::move(on_visit)),
      link_(executor, config.sessions.socket),
      pause_(executor) {}

steady_time drill_shopper::soon() const {
  return time_.steady() + config_.sessions.deadline + time_beyond_deadline;
}

task<result<void>> drill_shopper::begin() {
  const std::string failure = co_await visit();
  result<void> done;
  if (!failure.empty()) done = error(errc::io, failure);
  co_return done;
}

task<void> drill_shopper::shop(steady_time first, milliseconds interval) {
  for (steady_time next = first; !stopping_; next = std::max(next + interval, time_.steady())) {
    pause_.expires_at(next);
    co_await pause_.async_wait(nothrow);
    if (stopping_) co_return;
    drill_visit made;
    made.begun = time_.steady();
    made.failure = co_await visit();
    made.ended = time_.steady();
    on_visit_(made);
  }
}

void drill_shopper::stop() {
  stopping_ = true;
  pause_.cancel();
}

// Why it failed; empty when it did not.
task<std::string> drill_shopper::visit() {
  std::vector<std::string> open{"SESSION.OPEN", name_, id_};
  const auto opened = co_await link_.call(std::move(open), soon());
  if (!opened) co_return opened.error().detail();
  const bool fits = opened->type == resp_reply::kind::array && opened->elements.size() == 2;
  if (!fits) co_return not_understood().detail();
  compare(opened->elements.back());
  const std::string data = data_of(++number_);
  acceptable_.insert(data);
  std::vector<std::string> commit{"SESSION.COMMIT", name_, id_, opened->elements.front().text, time_to_live, data};
  const auto stored = co_await link_.call(std::move(commit), soon());
  if (!stored) co_return stored.error().detail();
  is_stored_ = true;
  acceptable_.clear();
  acceptable_.insert(data);
  co_return std::string();
}

// After a commit without an answer both what was there before and what it had are right.
void drill_shopper::compare(const resp_reply& data) {
  const bool is_there = data.type == resp_reply::kind::bulk;
  const bool right = is_there ? acceptable_.count(data.text) == 1 : !is_stored_;
  if (right || !loss_.empty()) return;
  loss_ = is_there ? "a session held " + data.text + " when " + data_of(number_) + " had been stored"
                   : "a session was not there when " + data_of(number_) + " had been stored";
}

task<result<void>> drill_shopper::look() {
  std::vector<std::string> words{"SESSION.OPEN", name_, id_, "READONLY"};
  const auto opened = co_await link_.call(std::move(words), soon());
  if (!opened) co_return opened.error();
  const bool fits = opened->type == resp_reply::kind::array && opened->elements.size() == 2;
  if (!fits) co_return not_understood();
  compare(opened->elements.back());
  result<void> seen;
  co_return seen;
}

task<result<void>> drill_shopper::remove() {
  std::vector<std::string> words{"SESSION.DESTROY", name_, id_};
  const auto removed = co_await link_.call(std::move(words), soon());
  if (!removed) co_return removed.error();
  result<void> done;
  co_return done;
}

}  // namespace mooring::ctl
