// Durations as people write them: a whole number and a unit. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mooring {

// "1500ms" -> 1500ms. Units: ms, s, m, h. Nothing for anything else, for negative values and for more than 1000 days.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// 1500ms -> "1500ms", 5000ms -> "5s": the largest unit that divides the value.
std::string format_duration(std::chrono::milliseconds value);

}  // namespace mooring
