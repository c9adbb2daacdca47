#include "mooring/net/open_files.hpp"

#include <sys/resource.h>

namespace mooring {
namespace {

// Listeners, epoll, timers, log, database files, connections to DynamoDB.
constexpr rlim_t own_descriptors = 128;

}  // namespace

void allow_open_files(std::int64_t connections, const logger& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = static_cast<rlim_t>(connections) + own_descriptors;
  if (limit.rlim_max < needed)
    log.warn("open_files.limit_too_low", "limit", limit.rlim_max, "needed", needed, "remedy",
             "raise LimitNOFILE, or lower max_connections");
}

}  // namespace mooring
