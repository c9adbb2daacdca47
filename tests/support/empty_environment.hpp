// No environment variable is set.
#pragma once

#include <optional>
#include <string>

#include "mooring/settings/settings.hpp"

namespace mooring::test {

inline const environment empty_environment = [](const std::string&) { return std::nullopt; };

}  // namespace mooring::test
