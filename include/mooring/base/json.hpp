// JSON from and for others. Everything here is compiled once, because the library's templates are slow to compile; so
// parse and print with these and not with json::parse() and dump(). Pure; foreign bytes never throw.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mooring {

// What is not JSON gives a value that is neither an object nor any other kind, so asking for the kind is enough.
nlohmann::json parse_json(std::string_view text);

// On one line, without a line end. Bytes that are not UTF-8 are replaced.
std::string json_line(const nlohmann::json& value);

// Indented by two, with a line end: for files and pages that people read, too.
std::string json_page(const nlohmann::json& value);
std::string json_page(const nlohmann::ordered_json& value);

// The member `key` of an object; null for everything that is not there.
const nlohmann::json& member(const nlohmann::json& from, const char* key);

// "" when there is no text at `key`; 0 when there is no whole number; false when there is no `true`.
std::string text_at(const nlohmann::json& from, const char* key);
std::int64_t number_at(const nlohmann::json& from, const char* key);
bool is_true(const nlohmann::json& from, const char* key);

}  // namespace mooring
