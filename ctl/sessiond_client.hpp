// One question to mooring-sessiond over its socket.
#pragma once

#include <string>
#include <vector>

#include "ctl/toolbox.hpp"
#include "sessiond/resp/reply.hpp"

namespace mooring::ctl {

// The reply to one command, given as its words. "-ERR ..." is an error, too. Each error names the socket and what to
// do.
task<result<sessiond::resp_reply>> call_sessiond(std::string socket, std::vector<std::string> words,
                                                 steady_time deadline);

}  // namespace mooring::ctl
