// Labelled lines and times as mooringctl prints them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mooring::ctl {

constexpr std::int64_t ms_per_second = 1000;

// "label     value" and a line end.
std::string row(std::string label, const std::string& value);

// "2026-11-20 15:30:12 UTC"
std::string utc_text(std::int64_t unix_seconds);

// "2026-11-20T15:30:12Z"
std::string iso_text(std::int64_t unix_seconds);

// "in 21 min", "3 h ago", "now"
std::string relative_text(std::int64_t seconds_from_now);

// From `now` to `at`, which may be any numbers: they come from files and tables.
std::int64_t seconds_between(std::int64_t now, std::int64_t at);

// "2026-11-20 15:30:12 UTC (in 21 min)"
std::string moment_text(std::int64_t at, std::int64_t now);

// Printable ASCII, tabs and line ends as they are; the rest, and the backslash, as \xNN.
std::string escaped(std::string_view bytes);

}  // namespace mooring::ctl
