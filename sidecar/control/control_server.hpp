// The operator's socket: one connection, one line, one answer.
//
// It is apart from the HTTP listeners and not writable for PHP's user, so that a hijacked page on the node cannot drain
// it or pin a region. Who may connect is the file's mode and group.
//
// A line has max_control_line bytes at most and control_line_time to come, the answer has control_write_time to be
// taken; then the connection is closed. So is one beyond max_control_connections, at once. Connections that are open
// when the server is closed end within these times. One io_context thread.
#pragma once

#include <functional>

#include "control_command.hpp"
#include "mooring/base/clock.hpp"
#include "mooring/net/listener.hpp"

namespace mooring::sidecar {

constexpr std::size_t max_control_connections = 8;
constexpr milliseconds control_line_time{5'000};
constexpr milliseconds control_write_time{5'000};

class control_server {
 public:
  // Gives the answer without its line feed: "OK ..." or "ERR ...".
  using handler = std::function<task<std::string>(control_command)>;

  control_server(unix_listener listener, const logger& log, handler answer)
      : listener_(std::move(listener)), log_(log), answer_(std::move(answer)) {}

  // Until close().
  task<void> serve();
  void close() { listener_.close(); }

 private:
  void admit(unix_protocol::socket socket);
  task<void> converse(unix_protocol::socket socket);
  task<std::string> answer_to(result<std::string> line);

  unix_listener listener_;
  logger log_;
  handler answer_;
  std::size_t connections_ = 0;
};

}  // namespace mooring::sidecar
