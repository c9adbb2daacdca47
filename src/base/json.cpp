#include "mooring/base/json.hpp"

namespace mooring {
namespace {

constexpr int two_blanks = 2;

}  // namespace

nlohmann::json parse_json(std::string_view text) {
  return nlohmann::json::parse(text, nullptr, false);
}

std::string json_line(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_page(const nlohmann::json& value) {
  return value.dump(two_blanks, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string json_page(const nlohmann::ordered_json& value) {
  return value.dump(two_blanks, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

const nlohmann::json& member(const nlohmann::json& from, const char* key) {
  static const nlohmann::json nothing;
  if (!from.is_object()) return nothing;
  const auto found = from.find(key);
  return found == from.end() ? nothing : *found;
}

std::string text_at(const nlohmann::json& from, const char* key) {
  const nlohmann::json& value = member(from, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number_at(const nlohmann::json& from, const char* key) {
  const nlohmann::json& value = member(from, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

bool is_true(const nlohmann::json& from, const char* key) {
  const nlohmann::json& value = member(from, key);
  return value.is_boolean() && value.get<bool>();
}

}  // namespace mooring
