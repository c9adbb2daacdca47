// The two limits of session_store.hpp, as one-line errors.
#pragma once

#include <string>

#include "mooring/base/error.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

inline error over_limit(std::size_t bytes, std::size_t limit, const char* how) {
  return error(errc::too_large, "session of " + std::to_string(bytes) + " bytes" + how + " is over the limit of " +
                                    std::to_string(limit) + "; the stored session is unchanged");
}

// errc::too_large for data that is stored as it is.
inline result<void> check_size(const std::string& data) {
  if (data.size() > max_data_bytes) return over_limit(data.size(), max_data_bytes, "");
  return {};
}

}  // namespace mooring::sessiond
