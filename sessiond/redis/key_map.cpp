#include "sessiond/redis/key_map.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::string_view lock_suffix = "_LOCK";

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

}  // namespace

result<redis_key> key_map::locate(std::string_view key) const {
  redis_key out;
  out.is_lock = key.size() >= lock_suffix.size() && key.substr(key.size() - lock_suffix.size()) == lock_suffix;
  if (out.is_lock) key.remove_suffix(lock_suffix.size());
  const std::pair<const std::string, std::string>* longest = nullptr;
  for (const auto& entry : prefixes_)
    if (starts_with(key, entry.first) && (longest == nullptr || entry.first.size() > longest->first.size()))
      longest = &entry;
  if (longest != nullptr) {
    out.name = longest->second;
    out.id = key.substr(longest->first.size());
    return out;
  }
  const auto colon = key.find(':');
  if (colon == std::string_view::npos || colon == 0)
    return error(errc::invalid_argument, "the key has no prefix; name it in sessions.redis.prefixes");
  out.name = key.substr(0, colon);
  out.id = key.substr(colon + 1);
  return out;
}

}  // namespace mooring::sessiond
