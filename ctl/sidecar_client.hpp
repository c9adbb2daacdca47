// One order to mooring-sidecar over the operator's socket.
#pragma once

#include <string>

#include "ctl/toolbox.hpp"

namespace mooring::ctl {

// What the sidecar answers to one line, without its "OK". errc::invalid_argument: it refuses, and says why. Any other
// error: it cannot be asked; each names the setting and what to do.
task<result<std::string>> order_sidecar(std::string socket, std::string line, steady_time deadline);

}  // namespace mooring::ctl
