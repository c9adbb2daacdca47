#include "control_server.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

constexpr auto line_time = 5s;

task<result<std::string>> read_line(unix_protocol::socket& socket) {
  std::string bytes;
  auto buffer = asio::dynamic_buffer(bytes, max_control_line);
  const auto [ec, size] = co_await asio::async_read_until(socket, buffer, '\n', nothrow);
  if (ec == asio::error::not_found)
    co_return error(errc::too_large, "a line has " + std::to_string(max_control_line) + " bytes at most");
  if (ec) co_return error(errc::io, ec.message());
  co_return bytes.substr(0, size - 1);
}

}  // namespace

task<void> control_server::serve() {
  const auto on_connection = [this](unix_protocol::socket socket) { admit(std::move(socket)); };
  co_await accept_loop<unix_protocol>(listener_.acceptor(), log_, on_connection);
}

void control_server::admit(unix_protocol::socket socket) {
  if (connections_ >= max_control_connections) return;
  ++connections_;
  spawn(listener_.acceptor().get_executor(), log_, "control", converse(std::move(socket)));
}

task<void> control_server::converse(unix_protocol::socket socket) {
  auto reading = read_line(socket);
  const auto deadline = std::chrono::steady_clock::now() + line_time;
  auto line = co_await with_deadline(std::move(reading), deadline, "no line came");
  if (line || line.error().code() == errc::too_large) {
    std::string said = "ERR ";
    const auto command = line ? parse_control_command(*line) : result<control_command>(line.error());
    if (command)
      said = answer_(*command);
    else
      said += command.error().detail();
    said += '\n';
    const auto bytes = asio::buffer(said);
    co_await asio::async_write(socket, bytes, nothrow);
  }
  --connections_;
}

}  // namespace mooring::sidecar
