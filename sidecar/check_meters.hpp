// What the checks and the verdict look like to Prometheus.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mooring/base/metrics.hpp"
#include "sidecar/health/status_board.hpp"

namespace mooring::sidecar {

class check_meters {
 public:
  // After the checks have been entered on the board.
  check_meters(metrics& registry, const status_board& board);

  void record(std::size_t check, const outcome& found, check_state state);
  void show(verdict_kind kind);

 private:
  struct meters {
    std::string name;
    gauge* up;
    histogram* duration;
    std::map<failure_class, counter*> failures;
  };

  metrics& registry_;
  std::vector<meters> checks_;
  gauge& verdict_;
};

}  // namespace mooring::sidecar
