#include "mooring/resp/parser.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mooring {
namespace {

constexpr std::size_t page = 4096;

constexpr std::string_view inline_ping = "PING\r\n";

// Idle connections keep a page; what a large session needed is given back.
constexpr std::size_t kept_capacity = 4 * page;

}  // namespace

std::span<char> resp_parser::prepare() {
  forget_consumed();
  const std::size_t lacking = in_bulk_ && bulk_size_ + 2 > filled_ ? bulk_size_ + 2 - filled_ : 0;
  // Twice what has come, not all that was announced: a header is a promise of 25 bytes, not of 512 KB.
  buffer_.resize(filled_ + std::max(page, std::min(lacking, filled_)));
  return std::span<char>(buffer_).subspan(filled_);
}

void resp_parser::commit(std::size_t count) {
  filled_ += count;
}

void resp_parser::forget_consumed() {
  buffer_.erase(0, position_);
  filled_ -= position_;
  position_ = 0;
  if (buffer_.capacity() > kept_capacity && filled_ < page && !in_bulk_) {
    buffer_.resize(filled_);
    buffer_.shrink_to_fit();
  }
}

resp_parser::step resp_parser::fail(std::string why) {
  fault_ = std::move(why);
  return step::malformed;
}

resp_parser::step resp_parser::read_header(char marker, std::size_t limit, std::size_t& value) {
  const std::string_view rest(buffer_.data() + position_, filled_ - position_);
  if (rest.empty()) return step::need_more;
  if (rest.front() != marker)
    return fail(std::string("Protocol error: expected '") + marker + "', got byte " +
                std::to_string(static_cast<unsigned char>(rest.front())));
  const auto end = rest.substr(0, max_header_digits + 3).find("\r\n");
  if (end == std::string_view::npos) {
    if (rest.size() > max_header_digits + 2) return fail("Protocol error: a length line has no end");
    return step::need_more;
  }
  long long number = 0;
  const auto [stop, ec] = std::from_chars(rest.data() + 1, rest.data() + end, number);
  if (ec != std::errc{} || stop != rest.data() + end || number < 0) return fail("Protocol error: invalid length");
  value = static_cast<std::size_t>(number);
  if (value > limit)
    return fail("Protocol error: a length of " + std::to_string(value) + " is over the limit of " +
                std::to_string(limit));
  position_ += end + 2;
  return step::request;
}

// malformed: something else is there.
resp_parser::step resp_parser::read_inline_ping() {
  const std::string_view rest(buffer_.data() + position_, filled_ - position_);
  const std::string_view seen = rest.substr(0, inline_ping.size());
  if (seen.empty() || seen != inline_ping.substr(0, seen.size())) return step::malformed;
  if (seen.size() < inline_ping.size()) return step::need_more;
  position_ += inline_ping.size();
  request_.assign(1, "PING");
  return step::request;
}

resp_parser::step resp_parser::read_bulk() {
  if (!in_bulk_) {
    const step header = read_header('$', max_bulk_bytes, bulk_size_);
    if (header != step::request) return header;
    request_bytes_ += bulk_size_;
    if (request_bytes_ > max_request_bytes)
      return fail("Protocol error: a request of " + std::to_string(request_bytes_) + " bytes is over the limit of " +
                  std::to_string(max_request_bytes));
    in_bulk_ = true;
  }
  if (filled_ - position_ < bulk_size_ + 2) return step::need_more;
  const std::string_view bulk(buffer_.data() + position_, bulk_size_ + 2);
  if (bulk.substr(bulk_size_) != "\r\n") return fail("Protocol error: an argument is longer than its length says");
  request_.emplace_back(bulk.substr(0, bulk_size_));
  position_ += bulk_size_ + 2;
  in_bulk_ = false;
  --missing_arguments_;
  return step::request;
}

resp_parser::step resp_parser::next() {
  if (!fault_.empty()) return step::malformed;
  while (missing_arguments_ == 0) {
    const step ping = read_inline_ping();
    if (ping != step::malformed) return ping;
    const step header = read_header('*', max_arguments, missing_arguments_);
    if (header != step::request) return header;
    request_.clear();
    request_bytes_ = 0;
  }
  while (missing_arguments_ > 0) {
    const step argument = read_bulk();
    if (argument != step::request) return argument;
  }
  return step::request;
}

resp_request resp_parser::take() {
  return std::exchange(request_, {});
}

}  // namespace mooring
