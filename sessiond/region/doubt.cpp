// How following_store opens and stores sessions while nodes may use different regions.
#include "mooring/net/deadline.hpp"
#include "sessiond/region/following_store.hpp"

namespace mooring::sessiond {
namespace {

constexpr milliseconds between_tries{100};

}  // namespace

// What the other region than `region` has is remembered, and so is known to be newer when `region` has something older.
// Where it cannot be asked, other nodes bring along what they had stored there. An error when it would tell but for too
// much load: then nobody knows which copy is the newer one.
task<result<void>> following_store::fetch_newer_copy(std::string key, std::size_t region, call_budget budget) {
  result<void> done;
  if (!in_doubt()) co_return done;
  const std::size_t other = route_.other_than(region);
  if (!route_.failing(other, time_.steady())) {
    const steady_time started = time_.steady();
    const call_budget part = patient(budget);
    auto copy = co_await regions_[other].store->load(key, part);
    if (copy) {
      note_copy(key, other, std::move(*copy));
      co_return done;
    }
    const errc code = copy.error().code();
    if (code == errc::throttled) co_return copy.error();
    if (!meaning_of(code).other_region) co_return done;
    note_failure(other, fault{command_kind::read, started, part.deadline}, copy.error());
  }
  if (region == route_.in_use()) co_await until_settled(budget);
  co_return done;
}

task<void> following_store::until_settled(call_budget budget) {
  for (;;) {
    // Whoever waits has something to ask then.
    const steady_time settled = std::min(route_.settled_at(), budget.deadline - terms_.patience);
    const steady_time now = time_.steady();
    if (now >= settled) co_return;
    const bool slept = co_await sleep_for(std::chrono::ceil<milliseconds>(settled - now));
    if (!slept) co_return;
  }
}

// A lease that is written on an older copy is the last write of the item, and would replace the newer one everywhere.
task<result<void>> following_store::bring_newer_copy(std::string key, std::size_t region, call_budget budget) {
  result<void> done;
  const std::uint64_t asked_after = recent_.last_number();
  if (newer_than(key, region, no_version, asked_after) == nullptr) co_return done;
  auto here = co_await regions_[region].store->load(key, budget);
  if (!here) co_return here.error();
  const session_version there = *here ? (*here)->version : no_version;
  if (newer_than(key, region, there, asked_after) == nullptr) co_return done;
  from_memory_.add();
  auto brought = co_await replay_one(region, std::move(key), budget);
  const bool has_newer = !brought && brought.error().code() == errc::stale;
  if (has_newer) co_return done;
  co_return brought;
}

void following_store::note_copy(const std::string& key, std::size_t region, std::optional<stored_session> copy) {
  const recent_session* known = recent_.find(key, time_.steady());
  if (!copy) {
    const bool was_here = known != nullptr && known->region == region && known->what != recent_session::kind::removed;
    if (was_here) recent_.forget(key);
    return;
  }
  const bool lacks_data = known != nullptr && known->what == recent_session::kind::read;
  const bool is_newer = known == nullptr || copy->version > known->version;
  if (!is_newer && !(lacks_data && copy->version == known->version)) return;
  recent_session seen;
  seen.what = recent_session::kind::written;
  seen.version = copy->version;
  seen.expires = copy->expires;
  seen.data = std::move(copy->data);
  seen.region = region;
  seen.when = time_.steady();
  recent_.note(key, std::move(seen));
}

// What was just stored in `region` is stored in the other one, too, where nodes may be that do not see it otherwise; or
// these have to come here first. What is newer there stays.
task<result<void>> following_store::share(std::string key, std::size_t region, lease_after lease, call_budget budget) {
  result<void> done;
  const std::size_t other = route_.other_than(region);
  while (in_doubt()) {
    const bool is_needed = route_.in_use() == other;
    const fault how{command_kind::write, time_.steady(), budget.deadline};
    if (is_needed || !route_.failing(other, time_.steady())) {
      auto stored = co_await store_as_well(other, key, lease, budget);
      if (stored) co_return done;
      const bool is_at_fault = stored.error().meaning().other_region && had_time(how);
      if (is_needed && !is_at_fault) replay_later(key);
      if (is_needed && !is_at_fault) co_return stored;
      // The other nodes look for it where it is not. Where this one uses it, they are told.
      if (is_needed) route_.lacks_a_write(other, time_.steady());
      if (is_needed) follow_route(stored.error().detail());
      const bool in_time = route_.in_use() == region && route_.settled_at() <= budget.deadline;
      if (is_needed && !in_time) co_return stored;
    }
    co_await until_settled(budget);
    // Sessions may be elsewhere by now.
    if (route_.in_use() == region) co_return done;
  }
  co_return done;
}

// The region in use is asked again until the deadline when it asks for less load: other nodes read there.
task<result<void>> following_store::store_as_well(std::size_t other, std::string key, lease_after lease,
                                                  call_budget budget) {
  result<void> stored;
  // A lease in a region that is not in use is one of before a move.
  if (other != route_.in_use()) lease = lease_after::release;
  for (;;) {
    const recent_session* known = recent_.find(key, time_.steady());
    if (known == nullptr) co_return stored;
    const steady_time started = time_.steady();
    const call_budget part = patient(budget);
    recent_session copy = *known;
    auto brought = co_await bring_to(other, key, std::move(copy), lease, part);
    if (brought || brought.error().code() == errc::stale) co_return stored;
    const bool at_fault = brought.error().meaning().other_region;
    if (at_fault) note_failure(other, fault{command_kind::write, started, part.deadline}, brought.error());
    const bool is_needed = brought.error().code() == errc::throttled && other == route_.in_use();
    if (!is_needed || time_.steady() + between_tries >= budget.deadline) co_return brought;
    co_await sleep_for(between_tries);
  }
}

}  // namespace mooring::sessiond
