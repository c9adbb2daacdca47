// How following_store hears of faults, notices and publications, and goes where the route says.
#include <algorithm>

#include "sessiond/region/following_store.hpp"

namespace mooring::sessiond {
namespace {

std::string described(const error& failure) {
  return std::string(name_of(failure.code())) + ": " + failure.detail();
}

}  // namespace

result<void> following_store::publish(const std::string& region) {
  const auto found = std::find_if(regions_.begin(), regions_.end(),
                                  [&region](const followed_region& known) { return known.name == region; });
  if (found == regions_.end())
    return error(errc::misconfigured, "region \"" + region +
                                          "\" is published, and this node does not know it; name "
                                          "it in region.primary or region.secondary");
  const auto index = static_cast<std::size_t>(found - regions_.begin());
  if (index == route_.preferred()) return {};
  route_.publish(index);
  log_.info("region.published", "region", region);
  follow_route("");
  return {};
}

void following_store::avoid(const std::string& region, steady_time until) {
  for (std::size_t i = 0; i < regions_.size(); ++i)
    route_.avoid(i, regions_[i].name == region ? until : steady_time());
  follow_route("it is avoided, as the region's state says");
}

void following_store::follow_route(const std::string& failure) {
  const std::size_t from = route_.in_use();
  const region_route::change change = route_.follow(time_.steady());
  doubt_.set(in_doubt() ? 1 : 0);
  const std::size_t use = route_.in_use();
  if (change.moved) {
    active_[from]->set(0);
    active_[use]->set(1);
    if (use == route_.preferred())
      log_.info("region.followed", "region", in_use());
    else if (bridging())
      log_.warn("region.bridged", "region", regions_[from].name, "reason", failure);
    else
      log_.warn("region.joined", "region", in_use(), "reason", "other nodes use it");
    if (on_move_) on_move_();
  }
  if (change.must_replay) start_replay(use);
}

void following_store::note_answer(std::size_t region, command_kind kind) {
  if (region != route_.preferred()) bridged_.add();
  route_.succeeded(region, kind, time_.steady());
  follow_route("");
}

// Who was asked with hardly any time left has not failed.
bool following_store::had_time(const fault& how) const {
  return how.deadline - how.started >= terms_.patience / 2;
}

void following_store::note_failure(std::size_t region, const fault& how, const error& failure) {
  errors_[region]->add();
  if (had_time(how)) route_.failed(region, how.kind, how.started, time_.steady());
  follow_route(described(failure));
}

void following_store::looked(std::size_t region, steady_time started, const result<notice_stamps>& seen) {
  const steady_time now = time_.steady();
  if (seen)
    route_.looked(region, started, *seen, now);
  else if (seen.error().meaning().other_region)
    route_.look_failed(region, now);
  else if (seen.error().code() == errc::misconfigured)
    route_.look_refused(region, started);
  follow_route(seen ? "" : described(seen.error()));
}

}  // namespace mooring::sessiond
