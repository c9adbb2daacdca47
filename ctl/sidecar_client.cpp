#include "ctl/sidecar_client.hpp"

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"

namespace mooring::ctl {
namespace {

constexpr std::size_t longest_answer = 64 * 1024;

std::string remedy_for_connecting(const error_code& failure) {
  if (failure == asio::error::access_denied) return "only its owner may use it: run this as root";
  return "start mooring-sidecar, or correct sidecar.control";
}

// The sidecar closes after its answer.
task<result<std::string>> converse(std::string path, std::string line) {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const asio::local::stream_protocol::endpoint endpoint(path);
  auto [connect_ec] = co_await socket.async_connect(endpoint, nothrow);
  if (connect_ec)
    co_return error(errc::io, "cannot connect to " + path + " (sidecar.control): " + connect_ec.message() + "; " +
                                  remedy_for_connecting(connect_ec));
  line += '\n';
  const auto bytes = asio::buffer(line);
  co_await asio::async_write(socket, bytes, nothrow);
  std::string answer;
  std::array<char, 4096> chunk;
  for (bool open = true; open && answer.size() <= longest_answer;) {
    auto [ec, count] = co_await socket.async_read_some(asio::buffer(chunk), nothrow);
    answer.append(chunk.data(), count);
    open = !ec;
  }
  co_return answer;
}

}  // namespace

task<result<std::string>> order_sidecar(std::string socket, std::string line, steady_time deadline) {
  if (socket.empty())
    co_return error(errc::misconfigured,
                    "sidecar.control is empty, so mooring-sidecar takes no orders; name a socket and restart it");
  auto asking = converse(socket, std::move(line));
  const std::string silent = socket + " (sidecar.control) gives no answer; restart mooring-sidecar";
  auto answer = co_await with_deadline(std::move(asking), deadline, silent);
  if (!answer) co_return answer.error();
  std::string_view said = *answer;
  if (said.ends_with('\n')) said.remove_suffix(1);
  if (said.starts_with("ERR "))
    co_return error(errc::invalid_argument, "mooring-sidecar refuses: " + std::string(said.substr(4)));
  const bool done = said == "OK" || said.starts_with("OK ");
  if (done) co_return std::string(said.substr(std::min<std::size_t>(3, said.size())));
  if (said.empty())
    co_return error(errc::busy, socket + " closes without an answer: too many operators at once; try again");
  co_return error(errc::bad_data, socket + " does not answer like mooring-sidecar; correct sidecar.control");
}

}  // namespace mooring::ctl
