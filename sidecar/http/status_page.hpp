// The status page for people: one HTML document without scripts that loads itself again. Every value is escaped.
#pragma once

#include <string>
#include <string_view>

#include "node_status.hpp"

namespace mooring::sidecar {

inline constexpr std::string_view status_page_headers =
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Refresh: 2\r\n";

std::string status_page(const node_status& node, wall_time now);

std::string html_escaped(std::string_view text);

// 75 s -> "1 min 15 s"; the two largest units.
std::string human_duration(seconds time);

}  // namespace mooring::sidecar
