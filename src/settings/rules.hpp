// What settings must obey beyond their own type and range: names, paths, and settings that exclude each other.
#pragma once

#include "mooring/base/config_reader.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

// Adds a fault for each rule that is broken.
void check_rules(config_reader& in, const settings& s);

}  // namespace mooring
