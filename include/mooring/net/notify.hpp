// systemd's sd_notify(3) protocol: one datagram to $NOTIFY_SOCKET, nothing when it is not set.
#pragma once

#include <string_view>

namespace mooring {

// state: "READY=1", "STOPPING=1", "WATCHDOG=1". Failing to tell is not an error: the service runs all the same.
void notify_service_manager(std::string_view state);

}  // namespace mooring
