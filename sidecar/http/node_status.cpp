#include "node_status.hpp"

#include <ctime>

namespace mooring::sidecar {

std::string iso_time(wall_time when) {
  const std::time_t seconds_since_1970 = unix_seconds(when);
  std::tm parts{};
  ::gmtime_r(&seconds_since_1970, &parts);
  char text[sizeof "2025-10-20T07:48:00Z" + 8];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, length);
}

}  // namespace mooring::sidecar
