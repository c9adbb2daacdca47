#include "mooring/resp/reply.hpp"

#include "mooring/resp/words.hpp"

namespace mooring {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view markers = "+-:$*";

using taken_reply = std::optional<result<resp_reply>>;

error not_a_reply(std::string_view bytes) {
  return error(errc::bad_data, "\"" + printable(bytes) + "\" is no RESP2 reply");
}

// The first line without its end, taken off `bytes`.
std::optional<result<std::string_view>> take_line(std::string_view& bytes) {
  const std::string_view whole = bytes;
  const bool fits = whole.empty() || markers.find(whole.front()) != std::string_view::npos;
  if (!fits) return not_a_reply(whole);
  const auto end = whole.substr(0, max_reply_line_bytes + line_end.size()).find(line_end);
  if (end != std::string_view::npos) {
    bytes.remove_prefix(end + line_end.size());
    return whole.substr(0, end);
  }
  if (whole.size() >= max_reply_line_bytes + line_end.size()) return not_a_reply(whole);
  return std::nullopt;
}

taken_reply take_bulk(std::int64_t size, std::string_view& bytes) {
  resp_reply out;
  if (size == -1) return out;
  if (size < 0 || static_cast<std::uint64_t>(size) > max_reply_bulk_bytes) return not_a_reply(std::to_string(size));
  const auto length = static_cast<std::size_t>(size);
  const auto end = bytes.substr(std::min(length, bytes.size()), line_end.size());
  if (end != line_end.substr(0, end.size())) return not_a_reply(end);
  if (bytes.size() < length + line_end.size()) return std::nullopt;
  out.type = resp_reply::kind::bulk;
  out.text = bytes.substr(0, length);
  bytes.remove_prefix(length + line_end.size());
  return out;
}

// Everything but arrays.
taken_reply take_single(std::string_view line, std::string_view& bytes) {
  const char marker = line.front();
  const std::string_view rest = line.substr(1);
  resp_reply out;
  if (marker == '+' || marker == '-') {
    out.type = marker == '+' ? resp_reply::kind::simple : resp_reply::kind::error;
    out.text = rest;
    return out;
  }
  const auto number = whole_number(rest);
  if (!number || marker == '*') return not_a_reply(line);
  if (marker == '$') return take_bulk(*number, bytes);
  out.type = resp_reply::kind::integer;
  out.number = *number;
  return out;
}

taken_reply take_array(std::string_view count, std::string_view& bytes) {
  const auto size = whole_number(count);
  if (!size || *size < 0 || static_cast<std::uint64_t>(*size) > max_reply_elements) return not_a_reply(count);
  resp_reply out;
  out.type = resp_reply::kind::array;
  for (std::int64_t i = 0; i < *size; ++i) {
    const auto line = take_line(bytes);
    if (!line) return std::nullopt;
    if (!*line) return line->error();
    auto element = take_single(**line, bytes);
    if (!element || !*element) return element;
    out.elements.push_back(**std::move(element));
  }
  return out;
}

}  // namespace

std::optional<result<resp_reply>> take_reply(std::string_view& bytes) {
  std::string_view rest = bytes;
  const auto line = take_line(rest);
  if (!line) return std::nullopt;
  if (!*line) return line->error();
  auto reply = (*line)->front() == '*' ? take_array((*line)->substr(1), rest) : take_single(**line, rest);
  if (reply && *reply) bytes = rest;
  return reply;
}

}  // namespace mooring
