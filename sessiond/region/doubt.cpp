// How following_store opens and stores sessions while nodes may use different regions.
#include "mooring/net/deadline.hpp"
#include "sessiond/region/following_store.hpp"

namespace mooring::sessiond {

// What the other region than `region` has is remembered, and so is known to be newer when `region` has something older.
// Where it cannot be asked, other nodes bring along what they had stored there.
task<void> following_store::fetch_newer_copy(std::string key, std::size_t region, call_budget budget) {
  if (!in_doubt()) co_return;
  const std::size_t other = route_.other_than(region);
  if (!route_.failing(other, time_.steady())) {
    const steady_time started = time_.steady();
    auto copy = co_await regions_[other].store->load(key, patient(budget));
    if (copy) {
      note_copy(key, other, std::move(*copy));
      co_return;
    }
    const bool at_fault = is_the_regions_fault(copy.error().code());
    if (!at_fault) co_return;
    note_failure(other, started, copy.error());
  }
  const steady_time settled = std::min(route_.settled_at(), budget.deadline);
  if (region == route_.in_use() && time_.steady() < settled) co_await sleep_until(settled);
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

// What was just stored in `region` is stored in the other one, too, where nodes may be that do not see it otherwise.
// What stands in the way there is newer, or a fault, which those nodes have as well.
task<void> following_store::store_in_other(std::string key, std::size_t region, call_budget budget) {
  const std::size_t other = route_.other_than(region);
  if (!in_doubt() || route_.failing(other, time_.steady())) co_return;
  const recent_session* known = recent_.find(key, time_.steady());
  if (known == nullptr || known->what == recent_session::kind::read) co_return;
  const steady_time started = time_.steady();
  recent_session copy = *known;
  auto stored = co_await bring_to(other, std::move(key), std::move(copy), patient(budget));
  if (!stored && is_the_regions_fault(stored.error().code())) note_failure(other, started, stored.error());
}

}  // namespace mooring::sessiond
