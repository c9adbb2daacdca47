// How many sockets this process may have open (RLIMIT_NOFILE).
#pragma once

#include <cstdint>

#include "mooring/base/log.hpp"

namespace mooring {

// Raises the soft limit to the hard one. When that is too low for `connections` plus what the daemon itself needs, says
// so: connections over the limit would wait unaccepted.
void allow_open_files(std::int64_t connections, const logger& log);

}  // namespace mooring
