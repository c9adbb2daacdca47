// The operator's socket: one connection, one line, one answer.
//
// It is apart from the HTTP listeners and not writable for PHP's user, so that a hijacked page on the node cannot drain
// it or pin a region. Who may connect is the file's mode and group.
#pragma once

#include <functional>

#include "control_command.hpp"
#include "mooring/net/listener.hpp"

namespace mooring::sidecar {

constexpr std::size_t max_control_connections = 8;

class control_server {
 public:
  // Gives the answer without its line feed: "OK ..." or "ERR ...".
  using handler = std::function<std::string(const control_command&)>;

  control_server(unix_listener listener, const logger& log, handler answer)
      : listener_(std::move(listener)), log_(log), answer_(std::move(answer)) {}

  // Until close().
  task<void> serve();
  void close() { listener_.close(); }

 private:
  void admit(unix_protocol::socket socket);
  task<void> converse(unix_protocol::socket socket);

  unix_listener listener_;
  logger log_;
  handler answer_;
  std::size_t connections_ = 0;
};

}  // namespace mooring::sidecar
