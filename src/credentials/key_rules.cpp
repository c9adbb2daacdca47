#include "key_rules.hpp"

#include <algorithm>

namespace mooring {
namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

result<void> check_keys(const credentials& keys, std::string_view source) {
  const std::string from(source);
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return error(errc::bad_data, from + ": gave no access key id or no secret access key");
  if (keys.access_key_id.size() > longest_key || keys.secret_access_key.size() > longest_key ||
      keys.session_token.size() > longest_token)
    return error(errc::bad_data, from + ": gave a key or a token that is too long to be one of AWS");
  if (!is_printable(keys.access_key_id) || !is_printable(keys.secret_access_key) || !is_printable(keys.session_token))
    return error(errc::bad_data, from + ": gave a key or a token with blanks, line breaks or other foreign signs");
  return {};
}

std::string one_line(std::string_view text, std::size_t longest) {
  const auto last = text.find_last_not_of(" \t\r\n");
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (text.size() > longest) text.remove_prefix(text.size() - longest);
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
  return out;
}

}  // namespace mooring
