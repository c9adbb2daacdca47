#include "sessiond/store/session_key.hpp"

#include <algorithm>

#include "mooring/base/digest.hpp"

namespace mooring::sessiond {
namespace {

bool only(std::string_view text, std::size_t longest, std::string_view punctuation) {
  const auto allowed = [punctuation](char c) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter_or_digit || punctuation.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), allowed);
}

bool is_name(std::string_view text) {
  return only(text, max_name_bytes, "_-.");
}

bool is_id(std::string_view text) {
  return only(text, max_id_bytes, ",-");
}

constexpr std::size_t hash_digits = 64;

bool is_hash(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == hash_digits && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_hashed_key(std::string_view key) {
  const auto colon = key.find(':');
  return colon != std::string_view::npos && is_name(key.substr(0, colon)) && is_hash(key.substr(colon + 1));
}

// Of a name that is nothing but '_' the key has nothing.
bool is_sdk_key(std::string_view key) {
  const auto end_of_name = key.rfind('_');
  if (end_of_name == std::string_view::npos) return is_id(key);
  return key.front() != '_' && is_name(key.substr(0, end_of_name)) && is_id(key.substr(end_of_name + 1));
}

}  // namespace

std::string hashed_key(std::string_view name, std::string_view id) {
  return std::string(name).append(":").append(sha256_hex(id));
}

// A valid id neither is empty nor has a '_', so there is none to trim at the end.
std::string sdk_key(std::string_view name, std::string_view id) {
  std::string whole = std::string(name).append("_").append(id);
  return whole.substr(whole.find_first_not_of('_'));
}

result<std::string> session_key(std::string_view name, std::string_view id, key_form form) {
  if (!is_name(name)) return error(errc::invalid_argument, "invalid session name; use 1 to 64 of A-Z a-z 0-9 _ - .");
  if (!is_id(id)) return error(errc::invalid_argument, "invalid session id; use 1 to 256 of A-Z a-z 0-9 , -");
  return form(name, id);
}

result<std::string> checked_session_key(std::string_view key, key_form form) {
  const bool hashed = form == hashed_key;
  if (hashed ? is_hashed_key(key) : is_sdk_key(key)) return std::string(key);
  return error(errc::invalid_argument, std::string("invalid session key; use it as it stands in the table: ") +
                                           (hashed ? "NAME:HASH, the hash of 64 digits" : "NAME_ID"));
}

}  // namespace mooring::sessiond
