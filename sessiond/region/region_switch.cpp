#include "sessiond/region/region_switch.hpp"

#include <algorithm>

namespace mooring::sessiond {
namespace {

std::string described(const error& failure) {
  return std::string(name_of(failure.code())) + ": " + failure.detail();
}

}  // namespace

region_switch::region_switch(std::vector<std::string> names, const clock& time, const logger& log, metrics& registry,
                             milliseconds patience)
    : names_(std::move(names)),
      time_(time),
      log_(log),
      patience_(patience),
      route_(names_.size(), time.steady()),
      bridged_(registry.make_counter("mooring_sessiond_bridged_total",
                                     "Commands that another region than the published one has answered")),
      doubt_(registry.make_gauge("mooring_sessiond_region_doubt",
                                 "1: nodes may use different regions, so the copies of both are compared")) {
  for (const std::string& name : names_) {
    const metric_labels labels{{"region", name}};
    errors_.push_back(&registry.make_counter("mooring_sessiond_region_errors_total",
                                             "Commands that this region failed for a reason of its own", labels));
    active_.push_back(
        &registry.make_gauge("mooring_sessiond_region_active", "1: the region that sessions are in", labels));
  }
  active_.front()->set(1);
}

result<void> region_switch::publish(const std::string& region) {
  const auto found = std::find(names_.begin(), names_.end(), region);
  if (found == names_.end())
    return error(errc::misconfigured, "region \"" + region +
                                          "\" is published, and this node does not know it; name "
                                          "it in region.primary or region.secondary");
  const auto index = static_cast<std::size_t>(found - names_.begin());
  if (index == route_.preferred()) return {};
  route_.publish(index);
  log_.info("region.published", "region", region);
  follow("");
  return {};
}

void region_switch::avoid(const std::string& region, steady_time until) {
  for (std::size_t i = 0; i < names_.size(); ++i)
    route_.avoid(i, names_[i] == region ? until : steady_time());
  follow("it is avoided, as the region's state says");
}

void region_switch::looked(std::size_t region, steady_time started, const result<notice_stamps>& seen) {
  const steady_time now = time_.steady();
  if (seen)
    route_.looked(region, started, *seen, now);
  else if (seen.error().meaning().other_region)
    route_.look_failed(region, now);
  else if (seen.error().code() == errc::misconfigured)
    route_.look_refused(region, started);
  follow(seen ? "" : described(seen.error()));
}

void region_switch::answered(std::size_t region, command_kind kind) {
  if (region != route_.preferred()) bridged_.add();
  route_.succeeded(region, kind, time_.steady());
  follow("");
}

void region_switch::failed(std::size_t region, const attempt& how, const error& why) {
  errors_[region]->add();
  if (had_time(how)) route_.failed(region, how.kind, how.started, time_.steady());
  follow(described(why));
}

void region_switch::lacks_a_write(std::size_t region, const error& why) {
  route_.lacks_a_write(region, time_.steady());
  follow(why.detail());
}

void region_switch::follow(const std::string& failure) {
  const std::size_t from = route_.in_use();
  const region_route::change change = route_.follow(time_.steady());
  doubt_.set(in_doubt() ? 1 : 0);
  if (change.moved) tell_move(from, failure);
  if (change.must_replay) on_replay_(route_.in_use());
}

void region_switch::tell_move(std::size_t from, const std::string& failure) {
  active_[from]->set(0);
  active_[route_.in_use()]->set(1);
  if (route_.in_use() == route_.preferred())
    log_.info("region.followed", "region", in_use());
  else if (bridging())
    log_.warn("region.bridged", "region", names_[from], "reason", failure);
  else
    log_.warn("region.joined", "region", in_use(), "reason", "other nodes use it");
  on_move_();
}

}  // namespace mooring::sessiond
