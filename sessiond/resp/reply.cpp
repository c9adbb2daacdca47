#include "sessiond/resp/reply.hpp"

#include <optional>

#include "sessiond/resp/parser.hpp"
#include "sessiond/resp/words.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::string_view line_end = "\r\n";

error not_a_reply() {
  return error(errc::bad_data, "the answer is not a RESP2 reply, or was cut off");
}

// The first line without its end, taken off `bytes`.
std::optional<std::string_view> take_line(std::string_view& bytes) {
  const auto end = bytes.find(line_end);
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = bytes.substr(0, end);
  bytes.remove_prefix(end + line_end.size());
  return line;
}

result<resp_reply> take_bulk(std::int64_t size, std::string_view& bytes) {
  resp_reply out;
  if (size == -1) return out;
  if (size < 0 || static_cast<std::uint64_t>(size) > max_bulk_bytes) return not_a_reply();
  const auto length = static_cast<std::size_t>(size);
  if (bytes.size() < length + line_end.size() || bytes.substr(length, line_end.size()) != line_end)
    return not_a_reply();
  out.type = resp_reply::kind::bulk;
  out.text = bytes.substr(0, length);
  bytes.remove_prefix(length + line_end.size());
  return out;
}

// Everything but arrays.
result<resp_reply> take_single(char marker, std::string_view line, std::string_view& bytes) {
  resp_reply out;
  out.text = line;
  if (marker == '+' || marker == '-') {
    out.type = marker == '+' ? resp_reply::kind::simple : resp_reply::kind::error;
    return out;
  }
  const auto number = whole_number(line);
  if (!number) return not_a_reply();
  if (marker == '$') return take_bulk(*number, bytes);
  if (marker != ':') return not_a_reply();
  out.type = resp_reply::kind::integer;
  out.number = *number;
  out.text.clear();
  return out;
}

result<resp_reply> take_array(std::string_view count, std::string_view& bytes) {
  const auto size = whole_number(count);
  if (!size || *size < 0 || static_cast<std::uint64_t>(*size) > max_reply_elements) return not_a_reply();
  resp_reply out;
  out.type = resp_reply::kind::array;
  for (std::int64_t i = 0; i < *size; ++i) {
    const auto line = take_line(bytes);
    if (!line || line->empty()) return not_a_reply();
    auto element = take_single(line->front(), line->substr(1), bytes);
    if (!element) return element.error();
    out.elements.push_back(std::move(*element));
  }
  return out;
}

}  // namespace

result<resp_reply> take_reply(std::string_view& bytes) {
  const auto line = take_line(bytes);
  if (!line || line->empty()) return not_a_reply();
  if (line->front() == '*') return take_array(line->substr(1), bytes);
  return take_single(line->front(), line->substr(1), bytes);
}

}  // namespace mooring::sessiond
