// Session data as one zstd frame (RFC 8878).
#pragma once

#include <string>
#include <string_view>

#include "mooring/base/error.hpp"

namespace mooring::sessiond {

std::string pack(std::string_view data);  // not empty

// errc::bad_data unless `frame` is exactly one whole frame that says how much it holds, 1 to `limit` bytes, and holds
// it. Nothing is allocated before that is known, so a small frame cannot ask for much memory.
result<std::string> unpack(std::string_view frame, std::size_t limit);

}  // namespace mooring::sessiond
