// machine_state as JSON, and back: what the sidecar remembers over a restart (region.memory_file).
//
// Written and read by the sidecar alone. A file that does not parse is an error, and the sidecar then goes by what it
// published (newest_of()); keys that this version does not know are skipped. Nothing here throws.
#pragma once

#include <string>
#include <string_view>

#include "mooring/base/error.hpp"
#include "sidecar/failover/machine_state.hpp"

namespace mooring::sidecar {

constexpr std::size_t max_memory_bytes = 64 * 1024;
// Of moves that are remembered; max_moves_per_hour is at most 60.
constexpr std::size_t max_remembered_moves = 100;

std::string encode_memory(const machine_state& state);

// errc::bad_data with what is wrong, errc::too_large over max_memory_bytes.
result<machine_state> parse_memory(std::string_view json);

}  // namespace mooring::sidecar
