#include "sessiond_check.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "sessiond_reply.hpp"

namespace mooring::sidecar {
namespace {

constexpr std::size_t read_chunk = 16 * 1024;

outcome connect_failure(const std::string& path, error_code ec) {
  const std::string what = "cannot connect to " + path + ": " + ec.message();
  if (ec == asio::error::access_denied)
    return outcome::failed(failure_class::configuration,
                           what + "; put the user of mooring-sidecar into the group sessions.socket_group");
  return outcome::failed(failure_class::down, what + "; start mooring-sessiond or correct sessions.socket");
}

}  // namespace

task<outcome> sessiond_check::probe(steady_time) {
  auto found = co_await ask();
  if (!found.ok()) metrics_text_.clear();
  co_return found;
}

task<outcome> sessiond_check::ask() {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const asio::local::stream_protocol::endpoint endpoint(path_);
  auto [connect_ec] = co_await socket.async_connect(endpoint, nothrow);
  if (connect_ec) co_return connect_failure(path_, connect_ec);
  const auto request = asio::buffer(sessiond_request);
  auto [write_ec, sent] = co_await asio::async_write(socket, request, nothrow);
  if (write_ec) co_return outcome::failed(failure_class::down, path_ + ": " + write_ec.message());
  std::string bytes;
  for (;;) {
    if (auto reply = parse_sessiond_reply(bytes)) {
      if (!*reply) co_return outcome::failed(failure_class::bad_answer, path_ + ": " + reply->error().detail());
      metrics_text_ = **std::move(reply);
      co_return outcome::fine();
    }
    if (bytes.size() > max_sessiond_reply_bytes)
      co_return outcome::failed(failure_class::bad_answer, path_ + ": its answer is over 1 MiB");
    const std::size_t before = bytes.size();
    bytes.resize(before + read_chunk);
    const auto space = asio::buffer(bytes.data() + before, read_chunk);
    auto [read_ec, n] = co_await socket.async_read_some(space, nothrow);
    bytes.resize(before + n);
    if (read_ec) co_return outcome::failed(failure_class::down, path_ + " closed the connection: " + read_ec.message());
  }
}

}  // namespace mooring::sidecar
