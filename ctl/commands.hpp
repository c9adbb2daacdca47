// The commands of mooringctl. Each prints to standard output and returns the exit code.
#pragma once

#include "ctl/toolbox.hpp"

namespace mooring::ctl {

// What the two daemons say of themselves. 0: in service; 1: not, or a daemon does not answer.
int status(toolbox& tools);

// Looks at everything a node needs and says what to do about what is wrong. 0: nothing is; 1: something is.
int doctor(toolbox& tools);

// Creates the session table in the primary region, with TTL. 0: it is there and ready; 1: it is not.
int table_create(toolbox& tools);

}  // namespace mooring::ctl
