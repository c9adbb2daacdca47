// Orders of the operator to the sidecar, told to the person who gave them.
#pragma once

#include <string>

#include "ctl/toolbox.hpp"

namespace mooring::ctl {

// The exit code. `done`: what to print when it was obeyed.
int give_order(toolbox& tools, const std::string& order, const std::string& done);

}  // namespace mooring::ctl
