#include "sessiond_reply.hpp"

#include <charconv>

namespace mooring::sidecar {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t longest_line = 512;
constexpr std::size_t quoted_in_errors = 80;

error not_understood(std::string_view bytes) {
  return error(errc::bad_data, "it answers \"" + std::string(bytes.substr(0, quoted_in_errors)) +
                                   "\", which is not what "
                                   "mooring-sessiond says; is another program on this socket?");
}

// The first line without its end; nothing while it is incomplete.
std::optional<std::string_view> first_line(std::string_view bytes) {
  const auto end = bytes.find(line_end);
  if (end == std::string_view::npos) return std::nullopt;
  return bytes.substr(0, end);
}

std::optional<result<std::string>> parse_metrics(std::string_view bytes) {
  const auto line = first_line(bytes);
  if (!line && bytes.size() > longest_line) return not_understood(bytes);
  if (!line) return std::nullopt;
  if (line->starts_with('-')) return std::string();
  std::size_t size = 0;
  const char* const end = line->data() + line->size();
  if (!line->starts_with('$')) return not_understood(bytes);
  const auto [stop, ec] = std::from_chars(line->data() + 1, end, size);
  if (ec != std::errc{} || stop != end) return not_understood(bytes);
  if (size > max_sessiond_reply_bytes) return error(errc::too_large, "its metrics are over 1 MiB");
  const std::size_t start = line->size() + line_end.size();
  if (bytes.size() < start + size + line_end.size()) return std::nullopt;
  if (bytes.substr(start + size, line_end.size()) != line_end) return not_understood(bytes.substr(start + size));
  return std::string(bytes.substr(start, size));
}

}  // namespace

std::optional<result<std::string>> parse_sessiond_reply(std::string_view bytes) {
  const auto line = first_line(bytes);
  if (!line && bytes.size() > longest_line) return not_understood(bytes);
  if (!line) return std::nullopt;
  if (line->starts_with('-'))
    return error(errc::busy, "it answers PING with \"" + std::string(line->substr(1, quoted_in_errors)) + "\"");
  if (*line != "+PONG") return not_understood(bytes);
  return parse_metrics(bytes.substr(line->size() + line_end.size()));
}

}  // namespace mooring::sidecar
