#include "ctl/sessiond_client.hpp"

#include <array>
#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"
#include "sessiond/resp/parser.hpp"
#include "sessiond/resp/writer.hpp"

namespace mooring::ctl {
namespace {

using sessiond::resp_reply;

// The largest session in a reply, and QUIT's.
constexpr std::size_t max_answer_bytes = sessiond::max_request_bytes;

std::string request_of(const std::vector<std::string>& words) {
  std::string out;
  sessiond::resp_writer request(out);
  request.array(words.size());
  for (const std::string& word : words)
    request.bulk(word);
  return out;
}

error not_connected(const std::string& path, const error_code& why) {
  return error(errc::io, "cannot connect to " + path + ": " + why.message() +
                             "; start mooring-sessiond, or join the group of its socket");
}

std::string silence_of(const std::string& path) {
  return path + " accepts connections but gives no answer; restart mooring-sessiond";
}

error refused(const std::string& path, const resp_reply& reply) {
  return error(errc::io, "mooring-sessiond on " + path + " says: " + reply.text);
}

task<result<std::string>> exchange(std::string path, std::string request) {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const asio::local::stream_protocol::endpoint endpoint(path);
  auto [connect_ec] = co_await socket.async_connect(endpoint, nothrow);
  if (connect_ec) co_return not_connected(path, connect_ec);
  const auto bytes = asio::buffer(request);
  // A connection that is refused is answered before it is closed: then this fails, and the reason is there to read.
  co_await asio::async_write(socket, bytes, nothrow);
  std::string answer;
  std::array<char, 4096> chunk;
  for (bool open = true; open && answer.size() <= max_answer_bytes;) {
    auto [ec, count] = co_await socket.async_read_some(asio::buffer(chunk), nothrow);
    answer.append(chunk.data(), count);
    open = !ec;
  }
  co_return answer;
}

}  // namespace

task<result<resp_reply>> call_sessiond(std::string socket, std::vector<std::string> words, steady_time deadline) {
  // sessiond closes after QUIT, so its whole answer ends with the stream.
  const std::vector<std::string> quit(1, "QUIT");
  auto asking = exchange(socket, request_of(words) + request_of(quit));
  auto answer = co_await with_deadline(std::move(asking), deadline, silence_of(socket));
  if (!answer) co_return answer.error();
  std::string_view bytes = *answer;
  auto reply = sessiond::take_reply(bytes);
  if (!reply)
    co_return error(errc::bad_data, socket + " does not answer like mooring-sessiond; correct sessions.socket");
  if (reply->type == resp_reply::kind::error) co_return refused(socket, *reply);
  co_return reply;
}

task<result<resp_reply>> sessiond_link::call(std::vector<std::string> words, steady_time deadline) {
  auto asking = exchange(request_of(words));
  auto reply = co_await with_deadline(std::move(asking), deadline, silence_of(path_));
  if (!reply) close();
  if (!reply) co_return reply.error();
  if (reply->type == resp_reply::kind::error) co_return refused(path_, *reply);
  co_return reply;
}

task<result<resp_reply>> sessiond_link::exchange(std::string request) {
  const asio::local::stream_protocol::endpoint endpoint(path_);
  if (!socket_.is_open()) {
    auto [connect_ec] = co_await socket_.async_connect(endpoint, nothrow);
    if (connect_ec) co_return not_connected(path_, connect_ec);
  }
  const auto bytes = asio::buffer(request);
  co_await asio::async_write(socket_, bytes, nothrow);
  std::string answer;
  std::array<char, 4096> chunk;
  while (answer.size() <= max_answer_bytes) {
    auto [ec, count] = co_await socket_.async_read_some(asio::buffer(chunk), nothrow);
    answer.append(chunk.data(), count);
    std::string_view unread = answer;
    auto reply = sessiond::take_reply(unread);
    if (reply) co_return reply;
    if (ec) co_return error(errc::io, path_ + " closed the connection: " + ec.message());
  }
  co_return error(errc::bad_data, path_ + " does not answer like mooring-sessiond; correct sessions.socket");
}

void sessiond_link::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace mooring::ctl
