// region_state as JSON, and back.
//
// Reading refuses whatever the daemons could act on wrongly: an epoch that is no whole number from 1 to largest_epoch,
// a name that is no region's, an unknown mode, an active region that is not listed. Keys that this version does not
// know are skipped. Nothing here throws for what a file may hold.
#pragma once

#include <string>
#include <string_view>

#include "mooring/base/error.hpp"
#include "mooring/region_file/region_state.hpp"

namespace mooring {

constexpr std::size_t max_region_file_bytes = 64 * 1024;
constexpr std::size_t max_regions = 8;
// Longer ones are cut when they are written. Sized so that no state exceeds max_region_file_bytes.
constexpr std::size_t max_reason_bytes = 500;

// Ends with a line feed. errc::invalid_argument for a state that parse_region_state() would refuse.
result<std::string> encode(const region_state& state);

// errc::bad_data with what is wrong; errc::too_large over max_region_file_bytes.
result<region_state> parse_region_state(std::string_view json);

}  // namespace mooring
