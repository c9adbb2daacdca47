#include "ctl/sessiond_client.hpp"

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"
#include "sessiond/resp/parser.hpp"
#include "sessiond/resp/writer.hpp"

namespace mooring::ctl {
namespace {

using sessiond::resp_reply;

// The largest session in a reply, and QUIT's.
constexpr std::size_t max_answer_bytes = sessiond::max_request_bytes;

// sessiond closes after QUIT, so its whole answer ends with the stream.
std::string request_of(const std::vector<std::string>& words) {
  std::string out;
  sessiond::resp_writer request(out);
  request.array(words.size());
  for (const std::string& word : words)
    request.bulk(word);
  request.array(1);
  request.bulk("QUIT");
  return out;
}

task<result<std::string>> exchange(std::string path, std::string request) {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const asio::local::stream_protocol::endpoint endpoint(path);
  auto [connect_ec] = co_await socket.async_connect(endpoint, nothrow);
  if (connect_ec)
    co_return error(errc::io, "cannot connect to " + path + ": " + connect_ec.message() +
                                  "; start mooring-sessiond, or join the group of its socket");
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
  auto asking = exchange(socket, request_of(words));
  const std::string silent = socket + " accepts connections but gives no answer; restart mooring-sessiond";
  auto answer = co_await with_deadline(std::move(asking), deadline, silent);
  if (!answer) co_return answer.error();
  std::string_view bytes = *answer;
  auto reply = sessiond::take_reply(bytes);
  if (!reply)
    co_return error(errc::bad_data, socket + " does not answer like mooring-sessiond; correct sessions.socket");
  if (reply->type == resp_reply::kind::error)
    co_return error(errc::io, "mooring-sessiond on " + socket + " says: " + reply->text);
  co_return reply;
}

}  // namespace mooring::ctl
