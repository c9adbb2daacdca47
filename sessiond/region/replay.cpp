// How following_store brings what is recent to the region that is used now.
#include <boost/asio/co_spawn.hpp>

#include "sessiond/region/following_store.hpp"

namespace mooring::sessiond {
namespace {

constexpr int replays_at_a_time = 32;
constexpr std::chrono::seconds replay_deadline{5};

}  // namespace

session_write following_store::as_write(const recent_session& known, session_version there, lease_after lease) const {
  session_write out;
  out.data = known.data;
  out.version = known.version;
  out.expected = there;
  out.expires = known.expires;
  out.replaces_older = true;
  out.lease = lease;
  return out;
}

// The region that was asked has an older version than this process: it is stored there, with the lease.
task<result<leased_session>> following_store::bring_along(std::string key, std::size_t region, recent_session known,
                                                          session_version there, call_budget budget) {
  leased_session out;
  from_memory_.add();
  if (known.what == recent_session::kind::removed) {
    auto removed = co_await replay_one(region, key, budget);
    if (!removed) co_return removed.error();
    co_return out;
  }
  auto write = as_write(known, there, lease_after::keep);
  auto saved = co_await regions_[region].store->save(key, std::move(write), budget);
  if (!saved) co_return saved.error();
  out.answer = lease_answer::taken;
  out.session = stored_from(known);
  out.session.region = regions_[region].name;
  recent_session here = known;
  here.region = region;
  here.when = time_.steady();
  recent_.note(key, std::move(here));
  co_return out;
}

void following_store::start_replay(std::size_t region) {
  auto keys = std::make_shared<std::deque<std::string>>();
  for (std::string& key : recent_.missing_in(region, time_.steady()))
    keys->push_back(std::move(key));
  if (keys->empty()) return;
  log_.info("region.replay", "region", regions_[region].name, "sessions", keys->size());
  for (int i = 0; i < replays_at_a_time; ++i)
    spawn(executor_, log_, "replay", replay(region, keys));
}

task<void> following_store::replay(std::size_t region, std::shared_ptr<std::deque<std::string>> keys) {
  while (!keys->empty() && !stopping_ && !avoids(region)) {
    std::string key = std::move(keys->front());
    keys->pop_front();
    auto replayed = co_await replay_one(region, key, time_.steady() + replay_deadline);
    if (replayed) replayed_.add();
    // The region went away too; what is recent stays known, and is brought along with its next open.
    if (!replayed && replayed.error().code() != errc::stale) co_return;
  }
}

// errc::stale: the region has something newer.
task<result<void>> following_store::bring_to(std::size_t region, std::string key, recent_session known,
                                             call_budget budget) {
  session_store& store = *regions_[region].store;
  if (known.what == recent_session::kind::written) {
    auto write = as_write(known, known.version - 1, lease_after::not_used);
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
  recent_session known = *found;
  auto brought = co_await bring_to(region, key, known, budget);
  if (!brought) co_return brought;
  const recent_session* still = recent_.find(key, time_.steady());
  if (still == nullptr || still->version != known.version || still->what != known.what) co_return done;
  known.region = region;
  recent_.note(key, std::move(known));
  co_return done;
}

}  // namespace mooring::sessiond
