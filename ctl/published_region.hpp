// What the sidecar has published of the region, for commands that need it.
#pragma once

#include "mooring/base/error.hpp"
#include "mooring/region_file/region_state.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring::ctl {

// Each error names the setting and what to do.
result<region_state> published_region(const settings& config);

}  // namespace mooring::ctl
