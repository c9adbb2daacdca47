// Members of foreign JSON, where anything may be missing or of another type. Pure; nothing throws.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace mooring {

// The member `key` of an object; null for everything that is not there.
inline const nlohmann::json& member(const nlohmann::json& from, const char* key) {
  static const nlohmann::json nothing;
  if (!from.is_object()) return nothing;
  const auto found = from.find(key);
  return found == from.end() ? nothing : *found;
}

// "" when there is no text at `key`.
inline std::string text_at(const nlohmann::json& from, const char* key) {
  const nlohmann::json& value = member(from, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

// 0 when there is no whole number at `key`.
inline std::int64_t number_at(const nlohmann::json& from, const char* key) {
  const nlohmann::json& value = member(from, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

inline bool is_true(const nlohmann::json& from, const char* key) {
  const nlohmann::json& value = member(from, key);
  return value.is_boolean() && value.get<bool>();
}

}  // namespace mooring
