#include "control_server.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"

namespace mooring::sidecar {
namespace {

task<result<std::string>> read_line(unix_protocol::socket& socket) {
  std::string bytes;
  auto buffer = asio::dynamic_buffer(bytes, max_control_line);
  const auto [ec, size] = co_await asio::async_read_until(socket, buffer, '\n', nothrow);
  if (ec == asio::error::not_found)
    co_return error(errc::too_large, "a line has " + std::to_string(max_control_line) + " bytes at most");
  if (ec) co_return error(errc::io, ec.message());
  co_return bytes.substr(0, size - 1);
}

task<result<void>> write_all(unix_protocol::socket& socket, const std::string& text) {
  const auto bytes = asio::buffer(text);
  const auto [ec, size] = co_await asio::async_write(socket, bytes, nothrow);
  if (ec) co_return error(errc::io, ec.message());
  co_return result<void>();
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
  auto line = co_await with_deadline(std::move(reading), std::chrono::steady_clock::now() + control_line_time, "line");
  if (line || line.error().code() == errc::too_large) {
    const std::string said = co_await answer_to(std::move(line));
    auto writing = write_all(socket, said);
    const auto deadline = std::chrono::steady_clock::now() + control_write_time;
    const auto taken = co_await with_deadline(std::move(writing), deadline, "the client does not read");
    if (!taken) log_.info("control.answer_not_taken", "reason", taken.error().detail());
  }
  --connections_;
}

task<std::string> control_server::answer_to(result<std::string> line) {
  auto command = line ? parse_control_command(*line) : result<control_command>(line.error());
  std::string said;
  if (command)
    said = co_await answer_(*std::move(command));
  else
    said = "ERR " + command.error().detail();
  co_return said + '\n';
}

}  // namespace mooring::sidecar
