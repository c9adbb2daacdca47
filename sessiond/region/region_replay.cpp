#include "sessiond/region/region_replay.hpp"

#include <boost/asio/co_spawn.hpp>

#include "mooring/net/deadline.hpp"

namespace mooring::sessiond {
namespace {

constexpr int replays_at_a_time = 32;
constexpr std::chrono::seconds replay_deadline{5};
constexpr milliseconds after_a_failure{500};

}  // namespace

void region_replay::start(std::size_t region) {
  list_ = std::make_shared<replay_list>();
  list_->region = region;
  for (std::string& key : copies_.missing_in(region))
    list_->keys.push_back(std::move(key));
  if (list_->keys.empty()) return;
  log_.info("region.replay", "region", where_.name_of_region(region), "sessions", list_->keys.size());
  list_->workers = replays_at_a_time;
  for (int i = 0; i < replays_at_a_time; ++i)
    spawn(executor_, log_, "replay", work_on(list_));
}

void region_replay::later(std::string key) {
  const std::size_t region = where_.route().in_use();
  if (running() && list_->region == region)
    list_->keys.push_back(std::move(key));
  else
    start(region);
}

// Whoever has a lease there has it on what is replaced. It may be this node's, of before a move, and nobody else would
// give it back.
task<void> region_replay::work_on(std::shared_ptr<replay_list> list) {
  const std::size_t region = list->region;
  while (!list->keys.empty() && list == list_ && region == where_.route().in_use() && !stopping_) {
    std::string key = std::move(list->keys.front());
    list->keys.pop_front();
    const recent_session* known = copies_.find(key);
    if (known == nullptr || known->region == region) continue;
    const auto replayed = co_await copies_.bring(key, region, lease_after::release, time_.steady() + replay_deadline);
    if (replayed && *replayed != brought::version_missing) continue;
    list->keys.push_back(std::move(key));
    co_await sleep_for(after_a_failure);
  }
  --list->workers;
}

}  // namespace mooring::sessiond
