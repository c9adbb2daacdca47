// Feeds probes to what judges a region, one after the other, each over in an instant unless it says how long it took.
#pragma once

#include <string>

#include "sidecar/failover/region_evidence.hpp"

namespace mooring::test {

class region_probes {
 public:
  explicit region_probes(const region_settings& rules) : evidence(rules) {}

  sidecar::region_evidence evidence;
  steady_time now = steady_time() + std::chrono::hours(1);

  region_probes& wait(milliseconds time) {
    now += time;
    return *this;
  }
  region_probes& see(sidecar::failure_class found, bool fresh = false, milliseconds took = milliseconds(0)) {
    sidecar::probe_outcome seen;
    seen.found = found;
    seen.connection = fresh ? sidecar::connection_kind::fresh : sidecar::connection_kind::kept_alive;
    seen.begun = now - took;
    seen.reason = found == sidecar::failure_class::none ? "" : std::string(name_of(found)) + " trouble";
    evidence.record(seen, now);
    return *this;
  }
  region_probes& ok(bool fresh = false) { return see(sidecar::failure_class::none, fresh); }
  region_probes& fail(bool fresh = false) { return see(sidecar::failure_class::down, fresh); }
  // `count` times, a second between them.
  region_probes& every_second(int count, sidecar::failure_class found, bool fresh = false) {
    for (int i = 0; i < count; ++i)
      wait(std::chrono::seconds(1)).see(found, fresh);
    return *this;
  }
};

}  // namespace mooring::test
