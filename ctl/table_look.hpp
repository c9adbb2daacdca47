// Looking at the session table in a region.
#pragma once

#include <string>
#include <vector>

#include "ctl/report/table_review.hpp"
#include "ctl/toolbox.hpp"

namespace mooring::ctl {

// The primary region, and the secondary when there is one.
std::vector<std::string> regions_of(const settings& config);

region_view look_at_table(toolbox& tools, const std::string& region);

// Adds what takes a permission that the nodes' keys do not need otherwise.
void look_at_recovery(toolbox& tools, region_view& view);

// Whether it is a global table of version 2017.11.29; nothing when that cannot be told.
std::optional<bool> is_of_2017(toolbox& tools);

}  // namespace mooring::ctl
