// The key under which a session is stored. Pure.
//
// Ids come from visitors, so what PHP itself would not make is refused: 1 to 256 of A-Z a-z 0-9 , -
// (php_session_valid_key). Names: 1 to 64 of A-Z a-z 0-9 _ - and the dot.
#pragma once

#include <string>
#include <string_view>

#include "mooring/base/error.hpp"

namespace mooring::sessiond {

constexpr std::size_t max_id_bytes = 256;
constexpr std::size_t max_name_bytes = 64;

using key_form = std::string (*)(std::string_view name, std::string_view id);

// "<session name>:<sha256 of the id in hex>". The hash keeps a copy of the table from opening any session: PHP's cookie
// holds the id, the table does not.
std::string hashed_key(std::string_view name, std::string_view id);
// "<session name>_<id>" without '_' at its ends, as the AWS SDK's handler has it.
std::string sdk_key(std::string_view name, std::string_view id);

// errc::invalid_argument for a name or an id as above.
result<std::string> session_key(std::string_view name, std::string_view id, key_form form);

// A key as it stands in the table; errc::invalid_argument when session_key() makes none like it.
result<std::string> checked_session_key(std::string_view key, key_form form);

}  // namespace mooring::sessiond
