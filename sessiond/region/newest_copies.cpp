#include "sessiond/region/newest_copies.hpp"

#include <algorithm>

#include "mooring/base/digest.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {

newest_copies::newest_copies(const std::vector<followed_region>& regions, const region_switch& where, const clock& time,
                             const logger& log, metrics& registry, milliseconds window)
    : regions_(regions),
      where_(where),
      time_(time),
      log_(log),
      recent_(window),
      replayed_(registry.make_counter("mooring_sessiond_replayed_total",
                                      "Recent writes that were stored in another region after a move")),
      dropped_(registry.make_counter("mooring_sessiond_recent_dropped_total",
                                     "Recent sessions that were forgotten before their time, for want of memory")),
      bytes_(registry.make_gauge("mooring_sessiond_recent_bytes",
                                 "What recent sessions count against the memory that is set apart for replays")) {}

void newest_copies::measure() {
  recent_.forget_old(time_.steady());
  bytes_.set(static_cast<double>(recent_.bytes()));
}

void newest_copies::remember(const std::string& key, recent_session what) {
  const std::size_t dropped = recent_.note(key, std::move(what));
  measure();
  if (dropped == 0) return;
  dropped_.add(static_cast<double>(dropped));
  if (const auto left_out = dropped_lines_.admit(time_.steady()))
    log_.warn("region.recent_dropped", "sessions", dropped, "bytes", recent_.bytes(), "limit", max_recent_bytes,
              "left_out", *left_out, "meaning", "what a region that dies has not replicated of them is lost");
}

void newest_copies::read(const std::string& key, std::size_t region, const stored_session& found) {
  const recent_session* known = find(key);
  const bool known_here = known != nullptr && known->region == region;
  if (found.version == no_version) {
    // Gone from where it was; that it was removed is worth remembering.
    if (known_here && known->what != recent_session::kind::removed) recent_.forget(key);
    return;
  }
  const bool is_as_known = known_here && known->version == found.version;
  if (is_as_known && known->is_news()) return;
  if (known != nullptr && !known_here && known->version >= found.version) return;
  recent_session seen;
  seen.version = found.version;
  seen.expires = found.expires;
  seen.region = region;
  seen.when = time_.steady();
  remember(key, std::move(seen));
}

void newest_copies::wrote(const std::string& key, std::size_t region, session_write write) {
  recent_session written;
  written.what = recent_session::kind::written;
  written.version = write.version;
  written.expires = write.expires;
  written.data = std::move(write.data);
  written.region = region;
  written.when = time_.steady();
  remember(key, std::move(written));
}

void newest_copies::touched(const std::string& key, std::size_t region, const session_touch& touch) {
  const recent_session* known = find(key);
  if (known != nullptr && known->version > touch.version) return;
  recent_session moved;
  if (known != nullptr && known->version == touch.version) moved = *known;
  moved.version = touch.version;
  moved.expires = touch.expires;
  moved.expiry_moved = true;
  moved.region = region;
  moved.when = time_.steady();
  remember(key, std::move(moved));
}

void newest_copies::removed(const std::string& key, std::size_t region, session_version newest) {
  recent_session gone;
  gone.what = recent_session::kind::removed;
  gone.version = next_version(time_.wall(), random_number(), newest);
  gone.region = region;
  gone.when = time_.steady();
  remember(key, std::move(gone));
}

void newest_copies::seen(const std::string& key, std::size_t region, std::optional<stored_session> copy) {
  const recent_session* known = find(key);
  if (!copy) {
    const bool was_here = known != nullptr && known->region == region && known->what != recent_session::kind::removed;
    if (was_here) recent_.forget(key);
    return;
  }
  const bool lacks_data = known != nullptr && known->what == recent_session::kind::read;
  const bool is_newer = known == nullptr || copy->version > known->version;
  if (!is_newer && !(lacks_data && copy->version == known->version)) return;
  recent_session there;
  there.what = recent_session::kind::written;
  there.version = copy->version;
  there.expires = copy->expires;
  there.region = region;
  // The other copy is the one whose expiry was moved.
  if (!is_newer && known->expiry_moved) {
    there.expires = std::max(known->expires, copy->expires);
    there.expiry_moved = true;
    there.region = known->region;
  }
  there.data = std::move(copy->data);
  there.when = time_.steady();
  remember(key, std::move(there));
}

// About the region itself only what was learnt since it was asked counts: a replay may have overtaken the read. Long
// after a change regions agree again; what was removed meanwhile must not come back from memory.
bool newest_copies::counts(const recent_session& known, std::size_t region, std::uint64_t asked_after) const {
  if (known.region == region) return known.number > asked_after;
  const bool has_expired =
      known.what != recent_session::kind::removed && known.expires <= regions_[where_.route().in_use()].store->now();
  return !has_expired && (where_.in_doubt() || where_.failing(known.region));
}

const recent_session* newest_copies::newer_than(const std::string& key, std::size_t region, session_version there,
                                                std::uint64_t asked_after) {
  const recent_session* known = find(key);
  if (known == nullptr || known->what == recent_session::kind::read || known->version <= there) return nullptr;
  return counts(*known, region, asked_after) ? known : nullptr;
}

bool newest_copies::has_moved_expiry(const std::string& key, std::size_t region) {
  const recent_session* known = find(key);
  if (known == nullptr || known->region == region || !known->expiry_moved) return false;
  return counts(*known, region, last_number());
}

task<result<brought>> newest_copies::bring(std::string key, std::size_t region, lease_after lease, call_budget budget) {
  const recent_session* known = find(key);
  if (known == nullptr || !known->is_news()) co_return brought::there;
  if (where_.avoids(region)) co_return error(errc::region_unavailable, "this region is avoided: a drill");
  const recent_session copy = *known;
  result<brought> done = brought::there;
  if (copy.what == recent_session::kind::removed)
    done = co_await remove(key, region, copy.version, budget);
  else if (copy.what == recent_session::kind::written)
    done = co_await store(key, region, copy, lease, budget);
  if (done && *done == brought::there && copy.expiry_moved)
    done = co_await move_expiry(key, region, copy, lease, budget);
  if (done) note_brought(key, region, copy, *done);
  co_return done;
}

// Where nobody looks it is not known to be: it may be replaced there.
void newest_copies::note_brought(const std::string& key, std::size_t region, const recent_session& copy, brought how) {
  const recent_session* still = find(key);
  const bool is_news = still == nullptr || still->version != copy.version || still->what != copy.what;
  const bool is_as_sent = !is_news && still->expires == copy.expires;
  if (region != where_.route().in_use() || how == brought::version_missing) return;
  if (how == brought::there && copy.region != region) replayed_.add();
  if (!is_as_sent || copy.region == region) return;
  // What the region has that is newer may be removed there later, and must not come back from here.
  if (how == brought::newer_there) {
    recent_.forget(key);
    return;
  }
  recent_session arrived = copy;
  arrived.region = region;
  arrived.when = time_.steady();
  remember(key, std::move(arrived));
}

task<result<brought>> newest_copies::store(std::string key, std::size_t region, recent_session copy, lease_after lease,
                                           call_budget budget) {
  session_write write;
  write.data = std::move(copy.data);
  write.version = copy.version;
  write.expected = copy.version - 1;
  write.expires = copy.expires;
  write.replaces_older = true;
  write.lease = lease;
  auto saved = co_await regions_[region].store->save(key, std::move(write), budget);
  if (saved) co_return brought::there;
  if (saved.error().code() == errc::stale) co_return brought::newer_there;
  co_return saved.error();
}

task<result<brought>> newest_copies::remove(std::string key, std::size_t region, session_version removed,
                                            call_budget budget) {
  session_store& table = *regions_[region].store;
  auto there = co_await table.load(key, budget);
  if (!there) co_return there.error();
  const bool has_newer = *there && (*there)->version > removed;
  if (has_newer) co_return brought::newer_there;
  auto gone = co_await table.remove(key, no_version, budget);
  if (!gone) co_return gone.error();
  co_return brought::there;
}

// A table takes a touch for done when it has any other version, and does nothing; so it is looked at before. A version
// that it has not got yet is brought from the region where the expiry was moved, when that one can be asked.
task<result<brought>> newest_copies::move_expiry(std::string key, std::size_t region, recent_session copy,
                                                 lease_after lease, call_budget budget) {
  session_store& table = *regions_[region].store;
  auto found = co_await table.load(key, budget);
  if (!found) co_return found.error();
  const session_version there = *found ? (*found)->version : no_version;
  if (there > copy.version) co_return brought::newer_there;
  session_touch touch;
  touch.version = copy.version;
  touch.expires = copy.expires;
  // Another node may have moved it further.
  if (*found && there == copy.version) touch.expires = std::max(copy.expires, (*found)->expires);
  touch.lease = lease;
  // What is absent may have expired a moment ago, and can be renewed.
  const bool may_be_there = there == copy.version || there == no_version;
  if (may_be_there) {
    auto moved = co_await table.touch(key, touch, budget);
    if (moved) co_return brought::there;
    if (moved.error().code() != errc::stale) co_return moved.error();
  }
  if (copy.what == recent_session::kind::written) co_return brought::newer_there;
  auto fetched = co_await fetch_data(key, region, copy.version, budget);
  if (!fetched) co_return fetched.error();
  const recent_session* known = find(key);
  const bool is_whole = *fetched && known != nullptr && known->what == recent_session::kind::written;
  if (!is_whole) co_return brought::version_missing;
  recent_session whole = *known;
  co_return co_await store(key, region, std::move(whole), lease, budget);
}

// From the region where it is known to be, to bring it to `region`. False: it cannot be had.
task<result<bool>> newest_copies::fetch_data(std::string key, std::size_t region, session_version version,
                                             call_budget budget) {
  const recent_session* known = find(key);
  if (known == nullptr || known->version != version) co_return false;
  const std::size_t home = known->region;
  if (home == region || where_.failing(home)) co_return false;
  auto copy = co_await regions_[home].store->load(key, budget);
  const bool is_it = copy && *copy && (*copy)->version == version;
  if (!is_it) co_return false;
  seen(key, home, std::move(*copy));
  co_return true;
}

}  // namespace mooring::sessiond
