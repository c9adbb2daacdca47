#include "sessiond/region/following_store.hpp"

#include <algorithm>

#include "mooring/base/digest.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {
namespace {

using found_session = std::optional<stored_session>;

error avoided() {
  return error(errc::region_unavailable, "this region is avoided: a drill");
}

}  // namespace

following_store::following_store(std::vector<followed_region> regions, const clock& time, const logger& log,
                                 metrics& registry, follow_terms terms, const asio::any_io_executor& executor)
    : regions_(std::move(regions)),
      time_(time),
      log_(log),
      terms_(terms),
      executor_(executor),
      route_(regions_.size(), time.steady()),
      recent_(terms.replay_window),
      bridged_(registry.make_counter("mooring_sessiond_bridged_total",
                                     "Commands that another region than the published one has answered")),
      from_memory_(registry.make_counter("mooring_sessiond_served_from_memory_total",
                                         "Sessions that were newer here than in the region that was asked")),
      replayed_(registry.make_counter("mooring_sessiond_replayed_total",
                                      "Recent writes that were stored in another region after a move")),
      doubt_(registry.make_gauge("mooring_sessiond_region_doubt",
                                 "1: nodes may use different regions, so the copies of both are compared")) {
  for (const followed_region& region : regions_) {
    const metric_labels labels{{"region", region.name}};
    errors_.push_back(&registry.make_counter("mooring_sessiond_region_errors_total",
                                             "Commands that this region failed for a reason of its own", labels));
    active_.push_back(
        &registry.make_gauge("mooring_sessiond_region_active", "1: the region that sessions are in", labels));
  }
  active_.front()->set(1);
}

call_budget following_store::patient(call_budget budget) const {
  budget.deadline = std::min(budget.deadline, time_.steady() + terms_.patience);
  return budget;
}

// `step(region, budget)` must be safe to repeat in the other region.
template <class T, class Step>
task<following_store::answered<T>> following_store::follow(std::string key, command_kind kind, wants before, Step step,
                                                           call_budget budget) {
  std::size_t region = route_.in_use();
  for (bool last = !route_.has_other();; last = true) {
    result<void> ready;
    if (before != wants::nothing) ready = co_await fetch_newer_copy(key, region, budget);
    // That may have waited, and sessions are elsewhere now.
    const bool has_moved = !last && region != route_.in_use();
    if (has_moved) region = route_.in_use();
    if (has_moved && before != wants::nothing) ready = co_await fetch_newer_copy(key, region, budget);
    // Patience begins when this region is asked.
    const steady_time started = time_.steady();
    const call_budget part = last ? budget : patient(budget);
    answered<T> out{region, result<T>(avoided())};
    const bool is_asked = !route_.avoids(region, started);
    if (is_asked && ready && before == wants::newest_stored) ready = co_await bring_newer_copy(key, region, part);
    if (!ready) out.outcome = ready.error();
    if (is_asked && ready) out.outcome = co_await step(region, part);
    const bool at_fault = !out.outcome && out.outcome.error().meaning().other_region;
    if (is_asked && at_fault) note_failure(region, fault{kind, started, part.deadline}, out.outcome.error());
    if (is_asked && ready && (out.outcome || out.outcome.error().meaning().answered)) note_answer(region, kind);
    if (!at_fault || last || time_.steady() >= budget.deadline) co_return out;
    region = route_.other_than(region);
  }
}

// What is known to be newer than `there`, the version that `region` had when it was asked. About that region itself
// only what was learnt since then counts: a replay may have overtaken the read.
const recent_session* following_store::newer_than(const std::string& key, std::size_t region, session_version there,
                                                  std::uint64_t asked_after) {
  const recent_session* known = recent_.find(key, time_.steady());
  if (known == nullptr || known->version <= there) return nullptr;
  if (known->region == region && known->number <= asked_after) return nullptr;
  // Long after a change regions agree again; what was removed meanwhile must not come back from memory.
  const bool may_be_newer = known->region == region || in_doubt() || route_.failing(known->region, time_.steady());
  if (!may_be_newer) return nullptr;
  if (known->what == recent_session::kind::written && known->expires <= now()) return nullptr;
  return known->what == recent_session::kind::read ? nullptr : known;
}

void following_store::note_read(const std::string& key, std::size_t region, const stored_session& found) {
  if (!route_.has_other()) return;
  const recent_session* known = recent_.find(key, time_.steady());
  const bool known_here = known != nullptr && known->region == region;
  if (found.version == no_version) {
    // Gone from where it was; that it was removed is worth remembering.
    if (known_here && known->what != recent_session::kind::removed) recent_.forget(key);
    return;
  }
  const bool is_as_known = known_here && known->version == found.version;
  if (is_as_known && known->what != recent_session::kind::read) return;
  if (known != nullptr && !known_here && known->version >= found.version) return;
  recent_session seen;
  seen.version = found.version;
  seen.expires = found.expires;
  seen.region = region;
  seen.when = time_.steady();
  recent_.note(key, std::move(seen));
}

task<result<found_session>> following_store::load(std::string key, call_budget budget) {
  const std::uint64_t asked_after = recent_.last_number();
  const auto step = [this, &key](std::size_t region, call_budget part) {
    return regions_[region].store->load(key, part);
  };
  auto answer = co_await follow<found_session>(key, command_kind::read, wants::newest_copy, step, budget);
  if (!answer.outcome) co_return answer.outcome;
  found_session& found = *answer.outcome;
  if (found) found->region = regions_[answer.region].name;
  const recent_session* newer = newer_than(key, answer.region, found ? found->version : no_version, asked_after);
  if (newer == nullptr) {
    note_read(key, answer.region, found ? *found : stored_session());
    co_return answer.outcome;
  }
  from_memory_.add();
  const bool leased = found && found->leased_elsewhere;
  found.reset();
  if (newer->what == recent_session::kind::removed) co_return answer.outcome;
  found = stored_from(*newer);
  found->region = regions_[newer->region].name;
  found->leased_elsewhere = leased;
  co_return answer.outcome;
}

task<result<bool>> following_store::exists(std::string key, call_budget budget) {
  if (in_doubt()) {
    auto found = co_await load(std::move(key), budget);
    if (!found) co_return found.error();
    co_return found->has_value();
  }
  const auto step = [this, &key](std::size_t region, call_budget part) {
    return regions_[region].store->exists(key, part);
  };
  auto answer = co_await follow<bool>(key, command_kind::read, wants::nothing, step, budget);
  // Moved: from an lvalue result<bool> is made of whether there is one.
  co_return std::move(answer.outcome);
}

task<result<void>> following_store::save(std::string key, session_write write, call_budget budget) {
  const std::size_t home = home_of(write, recent_.find(key, time_.steady()));
  const auto step = [this, &key, &write, home](std::size_t region, call_budget part) {
    session_write there = write;
    there.replaces_older = home < regions_.size() && region != home;
    return regions_[region].store->save(key, std::move(there), part);
  };
  auto answer = co_await follow<void>(key, command_kind::write, wants::nothing, step, budget);
  if (!answer.outcome || !route_.has_other()) co_return answer.outcome;
  recent_session written;
  written.what = recent_session::kind::written;
  written.version = write.version;
  written.expires = write.expires;
  written.data = std::move(write.data);
  written.region = answer.region;
  written.when = time_.steady();
  recent_.note(key, std::move(written));
  co_return co_await share(key, answer.region, write.lease, budget);
}

// Where the version was read that the write replaces; no region when that is not known, or it replaces none.
std::size_t following_store::home_of(const session_write& write, const recent_session* known) const {
  if (write.expected == no_version) return regions_.size();
  for (std::size_t i = 0; i < regions_.size(); ++i)
    if (regions_[i].name == write.read_in) return i;
  return known != nullptr && known->version == write.expected ? known->region : regions_.size();
}

task<result<leased_session>> following_store::acquire(std::string key, call_budget budget) {
  const auto step = [this, &key](std::size_t region, call_budget part) {
    return regions_[region].store->acquire(key, part);
  };
  for (bool again = false;; again = true) {
    const std::uint64_t asked_after = recent_.last_number();
    auto answer = co_await follow<leased_session>(key, command_kind::write, wants::newest_stored, step, budget);
    if (!answer.outcome) co_return answer.outcome;
    leased_session& leased = *answer.outcome;
    leased.session.region = regions_[answer.region].name;
    if (leased.answer == lease_answer::held_elsewhere) co_return answer.outcome;
    const bool is_newest = newer_than(key, answer.region, leased.session.version, asked_after) == nullptr;
    if (is_newest) {
      note_read(key, answer.region, leased.session);
      co_return answer.outcome;
    }
    if (again) co_return error(errc::busy, "busy: the session changes in another region; what is stored is unchanged");
  }
}

// A lease of the region that was left ends by itself.
task<result<void>> following_store::renew(std::string key, call_budget budget) {
  const std::size_t region = route_.in_use();
  if (avoids(region)) co_return avoided();
  co_return co_await regions_[region].store->renew(std::move(key), budget);
}

task<result<void>> following_store::release(std::string key, call_budget budget) {
  const std::size_t region = route_.in_use();
  if (avoids(region)) co_return avoided();
  co_return co_await regions_[region].store->release(std::move(key), patient(budget));
}

task<result<void>> following_store::touch(std::string key, session_touch touch, call_budget budget) {
  const recent_session* known = recent_.find(key, time_.steady());
  const bool is_known = known != nullptr && known->version == touch.version;
  const std::size_t home = is_known ? known->region : route_.in_use();
  const auto step = [this, &key, touch](std::size_t region, call_budget part) {
    return regions_[region].store->touch(key, touch, part);
  };
  auto answer = co_await follow<void>(key, command_kind::write, wants::nothing, step, budget);
  const bool lags =
      !answer.outcome && answer.outcome.error().code() == errc::stale && is_known && answer.region != home;
  if (lags) {
    // Where the version has not arrived yet there is nothing to extend; what this process has of it is brought there.
    auto arrived = co_await replay_one(answer.region, key, budget);
    if (arrived) answer.outcome = co_await regions_[answer.region].store->touch(key, touch, budget);
    const bool still_lags = !answer.outcome && answer.outcome.error().code() == errc::stale;
    result<void> left_as_it_is;
    if (still_lags) co_return left_as_it_is;
  }
  recent_session* still_known = recent_.find(key, time_.steady());
  if (answer.outcome && still_known != nullptr && still_known->version == touch.version)
    still_known->expires = touch.expires;
  co_return answer.outcome;
}

task<result<bool>> following_store::remove(std::string key, session_version known, call_budget budget) {
  const recent_session* recent = recent_.find(key, time_.steady());
  const bool lived = recent != nullptr && recent->what != recent_session::kind::removed;
  const session_version newest = std::max(known, recent == nullptr ? no_version : recent->version);
  const std::size_t home = recent == nullptr ? route_.in_use() : recent->region;
  const auto step = [this, &key, known, home](std::size_t region, call_budget part) {
    return regions_[region].store->remove(key, region == home ? known : no_version, part);
  };
  auto answer = co_await follow<bool>(key, command_kind::write, wants::nothing, step, budget);
  if (!answer.outcome || !route_.has_other()) co_return std::move(answer.outcome);
  recent_session removed;
  removed.what = recent_session::kind::removed;
  removed.version = next_version(time_.wall(), random_number(), newest);
  removed.region = answer.region;
  removed.when = time_.steady();
  recent_.note(key, std::move(removed));
  auto shared = co_await share(key, answer.region, lease_after::release, budget);
  if (!shared) co_return shared.error();
  if (lived && answer.region != home) answer.outcome = true;
  co_return std::move(answer.outcome);
}

}  // namespace mooring::sessiond
