// How long a call may take, and where the DynamoDB units that it costs are counted. Set at the edge and handed down, by
// value, to whoever sends requests.
#pragma once

#include "mooring/base/clock.hpp"

namespace mooring {

struct call_budget {
  // A deadline alone is a budget; then nobody counts.
  call_budget(steady_time until, double* units = nullptr) : deadline(until), spent_units(units) {}

  void spend(double units) const {
    if (spent_units != nullptr) *spent_units += units;
  }

  steady_time deadline;
  double* spent_units;  // capacity units of DynamoDB; outlives the call
};

}  // namespace mooring
