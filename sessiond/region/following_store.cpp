#include "sessiond/region/following_store.hpp"

#include <algorithm>

#include "mooring/net/deadline.hpp"

namespace mooring::sessiond {
namespace {

using found_session = std::optional<stored_session>;

error avoided() {
  return error(errc::region_unavailable, "this region is avoided: a drill");
}

std::vector<std::string> names_of(const std::vector<followed_region>& regions) {
  std::vector<std::string> out;
  for (const followed_region& region : regions)
    out.push_back(region.name);
  return out;
}

}  // namespace

following_store::following_store(std::vector<followed_region> regions, const clock& time, const logger& log,
                                 metrics& registry, follow_terms terms, const asio::any_io_executor& executor)
    : regions_(std::move(regions)),
      time_(time),
      terms_(terms),
      where_(names_of(regions_), time, log, registry, terms.patience),
      copies_(regions_, where_, time, log, registry, terms.replay_window),
      replay_(copies_, where_, time, log, executor),
      from_memory_(registry.make_counter("mooring_sessiond_served_from_memory_total",
                                         "Sessions that were newer here than in the region that was asked")) {
  where_.on_replay([this](std::size_t region) { replay_.start(region); });
}

call_budget following_store::patient(call_budget budget) const {
  budget.deadline = std::min(budget.deadline, time_.steady() + terms_.patience);
  return budget;
}

// `step(region, budget)` must be safe to repeat in the other region.
template <class T, class Step>
task<following_store::answered<T>> following_store::follow(std::string key, command_kind kind, wants before, Step step,
                                                           call_budget budget) {
  const region_route& route = where_.route();
  std::size_t region = route.in_use();
  for (bool last = !route.has_other();; last = true) {
    result<void> ready;
    if (before != wants::nothing) ready = co_await compare_copies(key, region, budget);
    // That may have waited, and sessions are elsewhere now.
    const bool has_moved = !last && region != route.in_use();
    if (has_moved) region = route.in_use();
    if (has_moved && before != wants::nothing) ready = co_await compare_copies(key, region, budget);
    // Patience begins when this region is asked.
    const steady_time started = time_.steady();
    const call_budget part = last ? budget : patient(budget);
    answered<T> out{region, result<T>(avoided())};
    const bool is_asked = !where_.avoids(region);
    if (is_asked && ready && before == wants::newest_stored) ready = co_await bring_newest(key, region, part);
    if (!ready) out.outcome = ready.error();
    if (is_asked && ready) out.outcome = co_await step(region, part);
    const bool at_fault = !out.outcome && out.outcome.error().meaning().other_region;
    const region_switch::attempt how{kind, started, part.deadline};
    if (is_asked && at_fault) where_.failed(region, how, out.outcome.error());
    if (is_asked && ready && (out.outcome || out.outcome.error().meaning().answered)) where_.answered(region, kind);
    if (!at_fault || last || time_.steady() >= budget.deadline) co_return out;
    region = route.other_than(region);
  }
}

task<result<found_session>> following_store::load(std::string key, call_budget budget) {
  const auto step = [this, &key](std::size_t region, call_budget part) {
    return regions_[region].store->load(key, part);
  };
  for (bool again = false;; again = true) {
    const std::uint64_t asked_after = copies_.last_number();
    auto answer = co_await follow<found_session>(key, command_kind::read, wants::newest_copy, step, budget);
    if (!answer.outcome) co_return answer.outcome;
    found_session& found = *answer.outcome;
    if (found) found->region = regions_[answer.region].name;
    const session_version there = found ? found->version : no_version;
    const recent_session* newer = copies_.newer_than(key, answer.region, there, asked_after);
    if (newer == nullptr) {
      bool is_renewed = false;
      if (!found && !again) is_renewed = co_await renew_expired(key, answer.region, budget);
      if (is_renewed) continue;
      copies_.read(key, answer.region, found ? *found : stored_session());
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
}

task<result<bool>> following_store::exists(std::string key, call_budget budget) {
  if (where_.in_doubt()) {
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
  const std::size_t home = home_of(key, write);
  const auto step = [this, &key, &write, home](std::size_t region, call_budget part) {
    session_write there = write;
    there.replaces_older = home < regions_.size() && region != home;
    return regions_[region].store->save(key, std::move(there), part);
  };
  auto answer = co_await follow<void>(key, command_kind::write, wants::nothing, step, budget);
  if (!answer.outcome || !where_.route().has_other()) co_return answer.outcome;
  const lease_after lease = write.lease;
  copies_.wrote(key, answer.region, std::move(write));
  co_return co_await share(key, answer.region, lease, budget);
}

// Where the version was read that the write replaces; no region when that is not known, or it replaces none.
std::size_t following_store::home_of(const std::string& key, const session_write& write) {
  if (write.expected == no_version) return regions_.size();
  for (std::size_t i = 0; i < regions_.size(); ++i)
    if (regions_[i].name == write.read_in) return i;
  const recent_session* known = copies_.find(key);
  return known != nullptr && known->version == write.expected ? known->region : regions_.size();
}

task<result<leased_session>> following_store::acquire(std::string key, call_budget budget) {
  const auto step = [this, &key](std::size_t region, call_budget part) {
    return regions_[region].store->acquire(key, part);
  };
  for (bool again = false;; again = true) {
    const std::uint64_t asked_after = copies_.last_number();
    auto answer = co_await follow<leased_session>(key, command_kind::write, wants::newest_stored, step, budget);
    if (!answer.outcome) co_return answer.outcome;
    leased_session& leased = *answer.outcome;
    leased.session.region = regions_[answer.region].name;
    if (leased.answer == lease_answer::held_elsewhere) co_return answer.outcome;
    const bool is_newest = copies_.newer_than(key, answer.region, leased.session.version, asked_after) == nullptr;
    if (is_newest) {
      copies_.read(key, answer.region, leased.session);
      co_return answer.outcome;
    }
    if (again) co_return error(errc::busy, "busy: the session changes in another region; what is stored is unchanged");
  }
}

task<result<void>> following_store::renew(std::string key, call_budget budget) {
  const std::size_t region = where_.route().in_use();
  if (where_.avoids(region)) co_return avoided();
  co_return co_await regions_[region].store->renew(std::move(key), budget);
}

task<result<void>> following_store::release(std::string key, call_budget budget) {
  const std::size_t region = where_.route().in_use();
  if (where_.avoids(region)) co_return avoided();
  co_return co_await regions_[region].store->release(std::move(key), patient(budget));
}

task<result<void>> following_store::touch(std::string key, session_touch touch, call_budget budget) {
  const auto step = [this, &key, touch](std::size_t region, call_budget part) {
    return touch_in(region, key, touch, part);
  };
  auto answer = co_await follow<brought>(key, command_kind::write, wants::nothing, step, budget);
  if (!answer.outcome) co_return answer.outcome.error();
  result<void> touched;
  if (!where_.route().has_other()) co_return touched;
  if (*answer.outcome == brought::version_missing) replay_.later(key);
  co_return co_await share(key, answer.region, touch.lease, budget);
}

// Where the version that was read may not have arrived, the moved expiry is brought as after a move.
task<result<brought>> following_store::touch_in(std::size_t region, std::string key, session_touch touch,
                                                call_budget budget) {
  const recent_session* known = copies_.find(key);
  const bool is_elsewhere = known != nullptr && known->version == touch.version && known->region != region;
  if (is_elsewhere) {
    copies_.touched(key, known->region, touch);
    co_return co_await copies_.bring(std::move(key), region, touch.lease, budget);
  }
  auto touched = co_await regions_[region].store->touch(key, touch, budget);
  if (!touched) co_return touched.error();
  if (where_.route().has_other()) copies_.touched(key, region, touch);
  co_return brought::there;
}

task<result<bool>> following_store::remove(std::string key, session_version known, call_budget budget) {
  const recent_session* recent = copies_.find(key);
  const bool lived = recent != nullptr && recent->what != recent_session::kind::removed;
  const session_version newest = std::max(known, recent == nullptr ? no_version : recent->version);
  const std::size_t home = recent == nullptr ? where_.route().in_use() : recent->region;
  const auto step = [this, &key, known, home](std::size_t region, call_budget part) {
    return regions_[region].store->remove(key, region == home ? known : no_version, part);
  };
  auto answer = co_await follow<bool>(key, command_kind::write, wants::nothing, step, budget);
  if (!answer.outcome || !where_.route().has_other()) co_return std::move(answer.outcome);
  copies_.removed(key, answer.region, newest);
  auto shared = co_await share(key, answer.region, lease_after::release, budget);
  if (!shared) co_return shared.error();
  if (lived && answer.region != home) answer.outcome = true;
  co_return std::move(answer.outcome);
}

}  // namespace mooring::sessiond
