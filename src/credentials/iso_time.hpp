// The times in AWS's answers: "2026-11-20T13:30:27Z", with a fraction or an offset such as +01:00 in place of the Z.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mooring/base/clock.hpp"

namespace mooring {

// Nothing for anything else, for impossible dates, and for years before 1970 and after 2200. Fractions are cut off.
std::optional<wall_time> parse_iso_time(std::string_view text);

std::string format_iso_time(wall_time when);

}  // namespace mooring
