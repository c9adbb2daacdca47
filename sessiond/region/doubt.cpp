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
task<result<void>> following_store::compare_copies(std::string key, std::size_t region, call_budget budget) {
  result<void> done;
  if (!where_.in_doubt()) co_return done;
  const std::size_t other = where_.route().other_than(region);
  if (!where_.failing(other)) {
    const call_budget part = patient(budget);
    const region_switch::attempt how{command_kind::read, time_.steady(), part.deadline};
    auto copy = co_await regions_[other].store->load(key, part);
    if (copy) {
      copies_.seen(key, other, std::move(*copy));
      co_return done;
    }
    const errc code = copy.error().code();
    if (code == errc::throttled) co_return copy.error();
    if (!meaning_of(code).other_region) co_return done;
    where_.failed(other, how, copy.error());
  }
  if (region == where_.route().in_use()) co_await until_settled(budget);
  co_return done;
}

task<void> following_store::until_settled(call_budget budget) {
  for (;;) {
    // Whoever waits has something to ask then.
    const steady_time settled = std::min(where_.route().settled_at(), budget.deadline - terms_.patience);
    const steady_time now = time_.steady();
    if (now >= settled) co_return;
    const bool slept = co_await sleep_for(std::chrono::ceil<milliseconds>(settled - now));
    if (!slept) co_return;
  }
}

// A lease that is written on an older copy is the last write of the item, and would replace the newer one everywhere.
// One that is written on an item that has expired is refused.
task<result<void>> following_store::bring_newest(std::string key, std::size_t region, call_budget budget) {
  result<void> done;
  const std::uint64_t asked_after = copies_.last_number();
  const bool has_moved_expiry = copies_.has_moved_expiry(key, region);
  if (!has_moved_expiry) {
    if (copies_.newer_than(key, region, no_version, asked_after) == nullptr) co_return done;
    auto here = co_await regions_[region].store->load(key, budget);
    if (!here) co_return here.error();
    const session_version there = *here ? (*here)->version : no_version;
    if (copies_.newer_than(key, region, there, asked_after) == nullptr) co_return done;
    from_memory_.add();
  }
  const auto brought_there = co_await copies_.bring(std::move(key), region, lease_after::release, budget);
  if (!brought_there) co_return brought_there.error();
  co_return done;
}

// What is absent in `region` may only have expired there, while its expiry was moved elsewhere.
task<bool> following_store::renew_expired(std::string key, std::size_t region, call_budget budget) {
  if (!copies_.has_moved_expiry(key, region)) co_return false;
  const auto renewed = co_await copies_.bring(std::move(key), region, lease_after::release, budget);
  co_return renewed&&* renewed == brought::there;
}

// What was just stored in `region` is stored in the other one, too, where nodes may be that do not see it otherwise; or
// these have to come here first. What is newer there stays.
task<result<void>> following_store::share(std::string key, std::size_t region, lease_after lease, call_budget budget) {
  result<void> done;
  const region_route& route = where_.route();
  const std::size_t other = route.other_than(region);
  while (where_.in_doubt()) {
    const bool is_needed = route.in_use() == other;
    const region_switch::attempt how{command_kind::write, time_.steady(), budget.deadline};
    if (is_needed || !where_.failing(other)) {
      const auto stored = co_await bring_until_taken(key, other, lease, budget);
      if (stored && *stored == brought::version_missing && is_needed) replay_.later(key);
      if (stored) co_return done;
      const bool is_at_fault = stored.error().meaning().other_region && where_.had_time(how);
      if (is_needed && !is_at_fault) replay_.later(key);
      if (is_needed && !is_at_fault) co_return stored.error();
      // The other nodes look for it where it is not. Where this one uses it, they are told.
      if (is_needed) where_.lacks_a_write(other, stored.error());
      const bool in_time = route.in_use() == region && route.settled_at() <= budget.deadline;
      if (is_needed && !in_time) co_return stored.error();
    }
    co_await until_settled(budget);
    // Sessions may be elsewhere by now.
    if (route.in_use() == region) co_return done;
  }
  co_return done;
}

// The region in use is asked again until the deadline when it asks for less load: other nodes read there.
task<result<brought>> following_store::bring_until_taken(std::string key, std::size_t other, lease_after lease,
                                                         call_budget budget) {
  // A lease in a region that is not in use is one of before a move.
  if (other != where_.route().in_use()) lease = lease_after::release;
  for (;;) {
    const call_budget part = patient(budget);
    const region_switch::attempt how{command_kind::write, time_.steady(), part.deadline};
    auto stored = co_await copies_.bring(key, other, lease, part);
    if (stored) co_return stored;
    const bool at_fault = stored.error().meaning().other_region && !where_.avoids(other);
    if (at_fault) where_.failed(other, how, stored.error());
    const bool is_needed = stored.error().code() == errc::throttled && other == where_.route().in_use();
    if (!is_needed || time_.steady() + between_tries >= budget.deadline) co_return stored;
    co_await sleep_for(between_tries);
  }
}

}  // namespace mooring::sessiond
