#include "ctl/drill_run.hpp"

#include <csignal>

#include "ctl/daemons.hpp"
#include "ctl/sidecar_client.hpp"
#include "mooring/base/digest.hpp"
#include "mooring/base/duration_text.hpp"
#include "mooring/region_file/region_file.hpp"

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

constexpr auto time_before = 5s;
constexpr auto time_after = 5s;
constexpr auto look_interval = 50ms;
// After the drill's time the sidecar has to have ended it.
constexpr auto time_to_end = 5s;
// For probes to succeed again, and for a hold that was doubled by earlier failures.
constexpr auto longest_way_back = 2h;

std::string random_word() {
  return to_hex(random_bytes(16));
}

// The state file does not tell; there are not many reasons.
std::string why_ended(const region_state& now) {
  return "the other region or the network was in doubt, a region was pinned, the sidecar was restarted, or somebody "
         "ended it; now " +
         std::string(name_of(now.mode)) + " on " + now.active + ": " + now.reason;
}

std::size_t index_of(drill_phase phase) {
  return static_cast<std::size_t>(phase);
}

}  // namespace

drill_run::drill_run(const asio::any_io_executor& executor, const settings& config, drill_terms terms,
                     const clock& time, const logger& log)
    : executor_(executor),
      config_(config),
      terms_(std::move(terms)),
      time_(time),
      log_(log),
      progress_("drill"),
      signals_(executor, SIGINT, SIGTERM),
      pause_(executor),
      others_ended_(executor, steady_time::max()) {
  facts_.region = terms_.region;
  facts_.other = terms_.other;
  facts_.was_in_use = terms_.is_in_use;
  facts_.asked = terms_.time;
  facts_.waited_for_way_back = terms_.wait_back && terms_.is_in_use;
}

task<result<drill_facts>> drill_run::run() {
  spawn(executor_, log_, "signals", wait_for_signal());
  auto ready = co_await make_sessions();
  if (ready) {
    open_shop();
    progress_.say(std::to_string(terms_.sessions) + " sessions are made; usual traffic for 5s", time_.steady());
    co_await pause(time_.steady() + time_before);
    ready = co_await drill();
    co_await close_shop();
    co_await look();
  }
  co_await remove_sessions();
  signals_.cancel();
  if (!ready) co_return ready.error();
  co_return facts_;
}

task<void> drill_run::wait_for_signal() {
  const auto [ec, number] = co_await signals_.async_wait(nothrow);
  if (ec) co_return;
  facts_.interrupted = true;
  // A second one ends the process at once.
  error_code ignored;
  signals_.clear(ignored);
  progress_.say("interrupted; ending the drill and removing its sessions", time_.steady());
  pause_.cancel();
}

task<void> drill_run::pause(steady_time until) {
  if (facts_.interrupted) co_return;
  pause_.expires_at(until);
  co_await pause_.async_wait(nothrow);
}

task<result<void>> drill_run::make_sessions() {
  // Nobody else has this name, so no session of a visitor can be meant.
  const std::string name = "mooring-drill-" + random_word();
  const auto on_visit = [this](const drill_visit& made) { note_visit(made); };
  result<void> made;
  for (std::int64_t i = 0; i < terms_.sessions && made && !facts_.interrupted; ++i) {
    shoppers_.emplace_back(executor_, config_, name, random_word(), time_, on_visit);
    made = co_await shoppers_.back().begin();
  }
  if (made && facts_.interrupted) made = error(errc::cancelled, "interrupted before the drill began");
  facts_.sessions = shoppers_.size();
  co_return made;
}

void drill_run::open_shop() {
  const milliseconds interval = milliseconds(1'000 * terms_.sessions / terms_.rate);
  const steady_time now = time_.steady();
  running_ = shoppers_.size() + 1;
  for (std::size_t i = 0; i < shoppers_.size(); ++i) {
    const auto share = static_cast<std::int64_t>(i) * interval / static_cast<std::int64_t>(shoppers_.size());
    spawn(executor_, log_, "shopper", shop(i, now + share, interval));
  }
  watching_ = true;
  spawn(executor_, log_, "watch", watch());
}

task<void> drill_run::shop(std::size_t number, steady_time first, milliseconds interval) {
  co_await shoppers_[number].shop(first, interval);
  if (--running_ == 0) others_ended_.cancel();
}

task<void> drill_run::close_shop() {
  watching_ = false;
  for (drill_shopper& shopper : shoppers_)
    shopper.stop();
  while (running_ > 0)
    co_await others_ended_.async_wait(nothrow);
}

task<result<void>> drill_run::drill() {
  const auto whole = std::chrono::duration_cast<seconds>(terms_.time);
  const std::string order = "drill " + terms_.region + " " + std::to_string(whole.count());
  if (facts_.interrupted) co_return error(errc::cancelled, "interrupted before the drill began");
  const auto ordered = co_await order_sidecar(config_.sidecar.control, order, time_.steady() + patience);
  if (!ordered) co_return ordered.error();
  begun_ = time_.steady();
  progress_.say(terms_.region + " counts as failed for " + format_duration(terms_.time) + "; Ctrl-C ends it",
                time_.steady());
  co_await wait_for_end(*begun_ + terms_.time);
  ended_ = time_.steady();
  facts_.lasted = since_begin();
  progress_.say("the drill is over; usual traffic for 5s", time_.steady());
  co_await pause(time_.steady() + time_after);
  if (facts_.waited_for_way_back) co_await wait_for_way_back();
  if (!facts_.back) facts_.way_back = way_back();
  result<void> done;
  co_return done;
}

// What watch() finds in the state file tells when it is over; it is ordered to be when it should.
task<void> drill_run::wait_for_end(steady_time due) {
  bool seen = false;
  for (;;) {
    const bool avoided = state_ && state_->avoided.has_value();
    seen = seen || avoided;
    const steady_time now = time_.steady();
    if (seen && !avoided) {
      if (now < due - 1s) facts_.ended_because = why_ended(*state_);
      co_return;
    }
    if (facts_.interrupted || now > due + time_to_end) break;
    co_await pause(now + look_interval);
  }
  const std::string end = "undrill";
  const auto ended = co_await order_sidecar(config_.sidecar.control, end, time_.steady() + patience);
  const bool was_over = !ended && ended.error().code() == errc::invalid_argument;
  if (was_over && !facts_.interrupted && state_) facts_.ended_because = why_ended(*state_);
  if (ended || was_over) co_return;
  note_example(ended.error().detail());
  if (!facts_.interrupted) facts_.ended_because = "the sidecar did not end it";
}

// What the file and sessiond say, until the shop is closed.
task<void> drill_run::watch() {
  sessiond_client link(executor_, config_.sessions.socket);
  asio::steady_timer timer(executor_);
  while (watching_) {
    const auto found = read_region_state(config_.region.state_file);
    if (found && *found) note_state(**found);
    const bool must_follow = facts_.switched && !facts_.followed && !ended_;
    bool followed = false;
    if (must_follow) followed = co_await has_followed(link);
    if (followed) facts_.followed = since_begin();
    timer.expires_after(look_interval);
    co_await timer.async_wait(nothrow);
  }
  if (--running_ == 0) others_ended_.cancel();
}

task<bool> drill_run::has_followed(sessiond_client& link) {
  std::vector<std::string> words;
  words.emplace_back("INFO");
  const auto told = co_await link.call(std::move(words), time_.steady() + patience);
  const bool followed = told && info_value(told->text, "region") == terms_.other;
  co_return followed;
}

void drill_run::note_state(const region_state& state) {
  state_ = state;
  if (!begun_) return;
  const auto standing = state.regions.find(terms_.region);
  const bool is_down = standing != state.regions.end() && standing->second.state == region_health::down;
  if (!ended_ && is_down && !facts_.detected) facts_.detected = since_begin();
  if (!ended_ && state.active == terms_.other && terms_.is_in_use && !facts_.switched) facts_.switched = since_begin();
  const bool is_back = ended_ && state.active == terms_.region && facts_.switched;
  if (is_back && !facts_.back) facts_.back = std::chrono::duration_cast<milliseconds>(time_.steady() - *ended_);
}

task<void> drill_run::wait_for_way_back() {
  if (!facts_.switched) co_return;
  const steady_time end = time_.steady() + longest_way_back;
  while (!facts_.back && !facts_.interrupted && time_.steady() < end) {
    const std::string reason = state_ ? state_->reason : "nothing is published";
    progress_.say("waiting for " + terms_.region + ": " + reason, time_.steady());
    co_await pause(time_.steady() + 200ms);
  }
  co_await pause(time_.steady() + time_after);
}

std::string drill_run::way_back() const {
  if (!facts_.switched) return "it was not left";
  if (config_.region.failback == "manual") return "a person has to move back (region.failback = \"manual\")";
  if (terms_.region != config_.region.primary) return terms_.other + " is the primary region, and stays in use";
  return terms_.region + " is used again when it has answered for " + format_duration(config_.region.failback_hold) +
         " (region.failback_hold), or longer after many moves; look with mooringctl region status";
}

task<void> drill_run::look() {
  for (drill_shopper& shopper : shoppers_) {
    const auto seen = co_await shopper.look();
    if (seen)
      ++facts_.checked;
    else
      note_example(seen.error().detail());
    const bool silent = !seen && seen.error().code() == errc::timed_out;
    if (silent) break;
  }
  for (const drill_shopper& shopper : shoppers_) {
    if (shopper.loss().empty()) continue;
    ++facts_.lost;
    note_example(shopper.loss());
  }
}

task<void> drill_run::remove_sessions() {
  for (drill_shopper& shopper : shoppers_) {
    const auto removed = co_await shopper.remove();
    if (removed) continue;
    ++facts_.left;
    // The others would wait for as long.
    if (removed.error().code() == errc::timed_out) facts_.left = shoppers_.size();
    if (removed.error().code() == errc::timed_out) co_return;
  }
}

// A request that was answered after the drill began belongs to it.
void drill_run::note_visit(const drill_visit& made) {
  const bool before = !begun_ || made.ended < *begun_;
  const bool after = ended_ && made.begun >= *ended_;
  const drill_phase phase = before ? drill_phase::before : after ? drill_phase::after : drill_phase::during;
  phase_tally& tally = facts_.phases[index_of(phase)];
  tally.times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(made.ended - made.begun));
  if (made.failure.empty()) return;
  ++tally.failed;
  note_example(made.failure);
}

void drill_run::note_example(const std::string& what) {
  if (facts_.examples.size() < max_examples) facts_.examples.push_back(what);
}

milliseconds drill_run::since_begin() const {
  return std::chrono::duration_cast<milliseconds>(time_.steady() - *begun_);
}

}  // namespace mooring::ctl
