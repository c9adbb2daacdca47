#include "sessiond/region/state_watch.hpp"

#include "mooring/region_file/region_file.hpp"

namespace mooring::sessiond {
namespace {

constexpr milliseconds between_looks{250};

bool is_same(const struct ::stat& a, const struct ::stat& b) {
  return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

state_watch::state_watch(std::string file, region_switch& where, const logger& log, const clock& time,
                         const asio::any_io_executor& executor)
    : file_(std::move(file)), where_(where), log_(log), time_(time), pause_(executor) {}

bool state_watch::has_changed() {
  struct ::stat now = {};
  if (::stat(file_.c_str(), &now) != 0 || is_same(now, seen_)) return false;
  seen_ = now;
  return true;
}

void state_watch::look() {
  if (!has_changed()) return;
  const auto state = read_region_state(file_);
  // What could not be read now may be readable at the next look; what is wrong in it stays wrong.
  const bool unreadable = !state && state.error().code() == errc::io;
  const bool is_known = unreadable && unreadable_;
  unreadable_ = unreadable;
  if (unreadable) seen_ = {};
  if (!state && !is_known) log_.warn("region.state_refused", "reason", state.error().detail());
  if (!state || !*state) return;
  const auto verdict = guard_.admit(**state);
  if (!verdict) log_.warn("region.state_refused", "file", file_, "reason", verdict.error().detail());
  if (verdict && *verdict == epoch_guard::newer) follow(**state);
}

void state_watch::follow(const region_state& state) {
  const auto followed = where_.publish(state.active);
  avoid(state.avoided.value_or(avoided_region()));
  if (!followed) log_.warn("region.state_refused", "file", file_, "reason", followed.error().detail());
}

void state_watch::avoid(const avoided_region& drilled) {
  const auto now = std::chrono::time_point_cast<milliseconds>(time_.wall());
  where_.avoid(drilled.region, time_.steady() + drill_time_left(drilled.until, now));
  if (drilled.region == avoided_) return;
  const bool begins = !drilled.region.empty();
  log_.warn(begins ? "region.avoided" : "region.not_avoided", "region", begins ? drilled.region : avoided_, "reason",
            begins ? "a drill" : "the drill is over");
  avoided_ = drilled.region;
}

task<void> state_watch::run() {
  while (!stopping_) {
    look();
    pause_.expires_after(between_looks);
    co_await pause_.async_wait(nothrow);
  }
}

void state_watch::stop() {
  stopping_ = true;
  pause_.cancel();
}

}  // namespace mooring::sessiond
