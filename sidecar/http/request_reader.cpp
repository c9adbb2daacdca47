#include "request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace mooring::sidecar {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

using parser_type = http::request_parser<http::string_body>;

constexpr unsigned http_1_0 = 10;
constexpr unsigned http_1_1 = 11;
constexpr unsigned http_2_0 = 20;

http_method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return http_method::get;
    case http::verb::head:
      return http_method::head;
    case http::verb::options:
      return http_method::options;
    default:
      return http_method::other;
  }
}

http_arrival refused(unsigned status) {
  http_arrival out;
  out.refusal = status;
  return out;
}

unsigned status_for(const boost::system::error_code& ec) {
  if (ec == http::error::header_limit) return 431;
  if (ec == http::error::body_limit) return 413;
  return 400;
}

http_arrival arrival_of(const parser_type& parser) {
  const auto& message = parser.get();
  if (message.version() < http_1_0 || message.version() >= http_2_0) return refused(400);
  http_arrival out;
  out.question.emplace();
  out.question->method = method_of(message.method());
  out.question->path = path_of(std::string_view(message.target().data(), message.target().size()));
  out.question->http_1_1 = message.version() >= http_1_1;
  out.question->keep_alive = parser.keep_alive();
  return out;
}

}  // namespace

struct request_reader::state {
  beast::flat_buffer buffer;
  std::optional<parser_type> parser;
  std::size_t taken = 0;  // bytes of this message that the parser has consumed

  std::string_view unread() const {
    const auto data = buffer.cdata();
    return std::string_view(static_cast<const char*>(data.data()), data.size());
  }

  void start_message() {
    // RFC 9112 2.2: an empty line before a request line is ignored.
    while (unread().starts_with("\r\n"))
      buffer.consume(2);
    if (unread().empty() || unread() == "\r") return;
    parser.emplace();
    taken = 0;
    parser->eager(true);
    parser->header_limit(static_cast<std::uint32_t>(max_head_bytes));
    parser->body_limit(max_body_bytes);
  }

  // The parser takes the request line before the headers are complete, so what it took counts too.
  bool head_over_limit() const {
    if (parser->is_header_done()) return false;
    const std::string_view bytes = unread();
    const auto end = bytes.find("\r\n\r\n");
    std::size_t at_least = bytes.size() + 1;
    if (bytes.starts_with("\r\n"))
      at_least = 2;
    else if (end != std::string_view::npos)
      at_least = end + 4;
    return taken + at_least > max_head_bytes;
  }

  void take(std::size_t bytes) {
    taken += bytes;
    buffer.consume(bytes);
  }
};

request_reader::request_reader() : state_(std::make_unique<state>()) {}
request_reader::~request_reader() = default;

void request_reader::append(std::string_view bytes) {
  const auto space = state_->buffer.prepare(bytes.size());
  state_->buffer.commit(boost::asio::buffer_copy(space, boost::asio::buffer(bytes)));
}

std::optional<http_arrival> request_reader::next() {
  state& s = *state_;
  if (!s.parser) s.start_message();
  if (!s.parser || s.unread().empty()) return std::nullopt;
  if (s.head_over_limit()) return refused(431);
  boost::system::error_code ec;
  s.take(s.parser->put(s.buffer.cdata(), ec));
  if (ec == http::error::need_more || (!ec && !s.parser->is_done())) return std::nullopt;
  if (ec) return refused(status_for(ec));
  http_arrival out = arrival_of(*s.parser);
  s.parser.reset();
  return out;
}

bool request_reader::begun() const {
  return state_->parser.has_value();
}

std::string_view path_of(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const auto slash = target.find('/', scheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    break;
  }
  return target.substr(0, target.find_first_of("?#"));
}

}  // namespace mooring::sidecar
