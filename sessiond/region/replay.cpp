// How following_store brings what is recent to the region that is used now.
#include <boost/asio/co_spawn.hpp>

#include "mooring/net/deadline.hpp"
#include "sessiond/region/following_store.hpp"

namespace mooring::sessiond {
namespace {

constexpr int replays_at_a_time = 32;
constexpr std::chrono::seconds replay_deadline{5};
constexpr milliseconds after_a_failure{500};

}  // namespace

void following_store::start_replay(std::size_t region) {
  to_replay_ = std::make_shared<replay_list>();
  to_replay_->region = region;
  for (std::string& key : recent_.missing_in(region, time_.steady()))
    to_replay_->keys.push_back(std::move(key));
  if (to_replay_->keys.empty()) return;
  log_.info("region.replay", "region", regions_[region].name, "sessions", to_replay_->keys.size());
  to_replay_->workers = replays_at_a_time;
  for (int i = 0; i < replays_at_a_time; ++i)
    spawn(executor_, log_, "replay", replay(to_replay_));
}

// Of a session that is not where it is looked for, and could not be brought there by the command that stored it.
void following_store::replay_later(std::string key) {
  if (replaying() && to_replay_->region == route_.in_use())
    to_replay_->keys.push_back(std::move(key));
  else
    start_replay(route_.in_use());
}

// Until all is there, or it is not wanted there any more.
task<void> following_store::replay(std::shared_ptr<replay_list> list) {
  const std::size_t region = list->region;
  while (!list->keys.empty() && list == to_replay_ && region == route_.in_use() && !stopping_) {
    std::string key = std::move(list->keys.front());
    list->keys.pop_front();
    auto replayed = co_await replay_one(region, key, time_.steady() + replay_deadline);
    if (replayed || replayed.error().code() == errc::stale) continue;
    list->keys.push_back(std::move(key));
    co_await sleep_for(after_a_failure);
  }
  --list->workers;
}

// errc::stale: the region has something newer.
task<result<void>> following_store::bring_to(std::size_t region, std::string key, recent_session known,
                                             lease_after lease, call_budget budget) {
  session_store& store = *regions_[region].store;
  if (known.what == recent_session::kind::written) {
    session_write write;
    write.data = std::move(known.data);
    write.version = known.version;
    write.expected = known.version - 1;
    write.expires = known.expires;
    write.replaces_older = true;
    write.lease = lease;
    co_return co_await store.save(key, std::move(write), budget);
  }
  auto there = co_await store.load(key, budget);
  if (!there) co_return there.error();
  const bool newer = *there && (*there)->version > known.version;
  if (newer) co_return error(errc::stale, "a newer session lives in this region");
  auto removed = co_await store.remove(key, no_version, budget);
  if (!removed) co_return removed.error();
  result<void> done;
  co_return done;
}

task<result<void>> following_store::replay_one(std::size_t region, std::string key, call_budget budget) {
  result<void> done;
  const recent_session* found = recent_.find(key, time_.steady());
  if (found == nullptr || found->region == region || found->what == recent_session::kind::read) co_return done;
  if (avoids(region)) co_return error(errc::region_unavailable, "this region is avoided: a drill");
  recent_session known = *found;
  // Whoever has a lease there has it on what is replaced. It may be this node's, of before a move, and nobody else
  // would give it back.
  auto brought = co_await bring_to(region, key, known, lease_after::release, budget);
  const bool has_newer = !brought && brought.error().code() == errc::stale;
  if (!brought && !has_newer) co_return brought;
  if (brought) replayed_.add();
  const recent_session* still = recent_.find(key, time_.steady());
  const bool is_news = still == nullptr || still->version != known.version || still->what != known.what;
  if (is_news) co_return brought;
  known.region = region;
  known.when = time_.steady();
  // What the region has that is newer may be removed there later, and must not come back from here.
  if (has_newer)
    recent_.forget(key);
  else
    recent_.note(key, std::move(known));
  co_return brought;
}

}  // namespace mooring::sessiond
