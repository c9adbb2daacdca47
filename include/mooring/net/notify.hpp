// Tells systemd what the process is up to: sd_notify(3) without libsystemd.
#pragma once

#include <string_view>

namespace mooring {

// Sends e.g. "READY=1" to the socket that NOTIFY_SOCKET names; does nothing when systemd did not set it. A lost message
// is systemd's to notice (TimeoutStartSec), so nothing is reported.
void notify_service_manager(std::string_view state);

}  // namespace mooring
