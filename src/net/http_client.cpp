#include "mooring/net/http_client.hpp"

namespace mooring {

std::optional<std::string_view> http_response::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return std::nullopt;
}

}  // namespace mooring
