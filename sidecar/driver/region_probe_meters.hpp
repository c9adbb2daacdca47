// What the probes of the regions look like to Prometheus.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mooring/base/metrics.hpp"
#include "sidecar/check/dynamodb_check.hpp"

namespace mooring::sidecar {

class region_probe_meters {
 public:
  explicit region_probe_meters(metrics& registry) : registry_(registry) {}

  // The regions in the order of their ranks.
  void add(const std::string& region);

  // One run that was not cancelled. `clock_correction`: how far the region's clock is ahead of this node's.
  void record(std::size_t rank, const region_probe& run, seconds clock_correction);

 private:
  struct meters {
    std::string region;
    std::map<std::pair<bool, std::string_view>, counter*> runs;  // by fresh or kept, and class
    gauge* clock_correction;
  };

  metrics& registry_;
  std::vector<meters> regions_;
};

}  // namespace mooring::sidecar
