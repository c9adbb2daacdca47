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
  if (!only(name, max_name_bytes, "_-."))
    return error(errc::invalid_argument, "invalid session name; use 1 to 64 of A-Z a-z 0-9 _ - .");
  if (!only(id, max_id_bytes, ",-"))
    return error(errc::invalid_argument, "invalid session id; use 1 to 256 of A-Z a-z 0-9 , -");
  return form(name, id);
}

}  // namespace mooring::sessiond
