// What a journal counts; docs/health.md explains each.
#pragma once

#include "mooring/base/metrics.hpp"

namespace mooring::sessiond {

struct journal_metrics {
  explicit journal_metrics(metrics& registry);

  gauge& pending;
  gauge& bytes;
  gauge& oldest_seconds;
  counter& flushes;
  counter& conflicts;
  counter& superseded;  // conflicts of what an earlier process left
  counter& through_full;
  counter& through_disk;
  counter& through_not_sure;
  histogram& fsync_seconds;
};

}  // namespace mooring::sessiond
