#include "mooring/sessiond_client/sessiond_client.hpp"

#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"
#include "mooring/resp/writer.hpp"

namespace mooring {
namespace {

constexpr std::size_t read_chunk = 16 * 1024;

std::string request_of(const std::vector<std::string>& words) {
  std::string out;
  resp_writer request(out);
  request.array(words.size());
  for (const std::string& word : words)
    request.bulk(word);
  return out;
}

error not_connected(const std::string& path, const error_code& why) {
  const bool denied = why == asio::error::access_denied;
  return error(denied ? errc::misconfigured : errc::io,
               "cannot connect to " + path + ": " + why.message() +
                   (denied ? "; put this user into the group of the socket, sessions.socket_group"
                           : "; start mooring-sessiond, or correct sessions.socket"));
}

error not_sessiond(const std::string& path, const error& why) {
  return error(errc::bad_data,
               path + " does not answer like mooring-sessiond: " + why.detail() + "; correct sessions.socket");
}

}  // namespace

task<result<resp_reply>> sessiond_client::call(std::vector<std::string> words, steady_time deadline) {
  auto asking = exchange(request_of(words));
  std::string silent = path_ + " accepts connections but gives no answer; restart mooring-sessiond";
  auto reply = co_await with_deadline(std::move(asking), deadline, std::move(silent));
  if (!reply) close();
  if (!reply || reply->type != resp_reply::kind::error) co_return reply;
  co_return error(errc::invalid_argument, "mooring-sessiond on " + path_ + " says: " + reply->text);
}

task<result<resp_reply>> sessiond_client::exchange(std::string request) {
  const asio::local::stream_protocol::endpoint endpoint(path_);
  if (!socket_.is_open()) {
    auto [connect_ec] = co_await socket_.async_connect(endpoint, nothrow);
    if (connect_ec) co_return not_connected(path_, connect_ec);
  }
  const auto bytes = asio::buffer(request);
  // A connection that is refused is answered before it is closed: then this fails, and the reason is there to read.
  co_await asio::async_write(socket_, bytes, nothrow);
  std::string answer;
  for (;;) {
    const std::size_t before = answer.size();
    answer.resize(before + read_chunk);
    const auto space = asio::buffer(answer.data() + before, read_chunk);
    auto [ec, count] = co_await socket_.async_read_some(space, nothrow);
    answer.resize(before + count);
    std::string_view unread = answer;
    auto reply = take_reply(unread);
    if (reply && !*reply) co_return not_sessiond(path_, reply->error());
    if (reply) co_return *std::move(reply);
    if (ec) co_return error(errc::io, path_ + " closed the connection: " + ec.message());
  }
}

void sessiond_client::close() {
  error_code ignored;
  socket_.close(ignored);
}

task<result<resp_reply>> call_sessiond(std::string socket, std::vector<std::string> words, steady_time deadline) {
  sessiond_client link(co_await asio::this_coro::executor, std::move(socket));
  co_return co_await link.call(std::move(words), deadline);
}

}  // namespace mooring
