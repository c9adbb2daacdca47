// The name of an AWS region, such as us-east-1. It goes into host names, nginx's configuration and environment
// variables of hooks, so it is one word of a few harmless signs.
#pragma once

#include <string_view>

namespace mooring {

constexpr std::size_t max_region_name_bytes = 64;

inline bool is_region_name(std::string_view name) {
  return !name.empty() && name.size() <= max_region_name_bytes &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace mooring
