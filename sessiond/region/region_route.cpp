#include "sessiond/region/region_route.hpp"

namespace mooring::sessiond {

void region_route::publish(std::size_t region) {
  if (region == preferred_) return;
  preferred_ = region;
  bridge_until_.reset();
}

std::vector<std::size_t> region_route::order(steady_time now) {
  if (last_success_.size() < 2) return {preferred_};
  if (!bridge_until_) return {preferred_, other()};
  if (now < *bridge_until_) return {other(), preferred_};
  bridge_until_ = now + bridge_time;
  return {preferred_, other()};
}

void region_route::succeeded(std::size_t region, steady_time now) {
  last_success_[region] = now;
  if (region == preferred_) bridge_until_.reset();
}

void region_route::failed(std::size_t region, steady_time started, steady_time now) {
  const auto& success = last_success_[region];
  const bool answers_others = success && *success >= started;
  if (region == preferred_ && !answers_others && last_success_.size() > 1) bridge_until_ = now + bridge_time;
}

}  // namespace mooring::sessiond
