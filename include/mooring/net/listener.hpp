// Listening sockets, and the loop that accepts from them.
//
// Binding fails with a sentence that names what was found and what to do; start-up turns it into exit code 2.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <string>

#include "mooring/net/task.hpp"

namespace mooring {

using unix_protocol = asio::local::stream_protocol;

struct unix_listen_options {
  std::string path;
  unsigned mode = 0660;
  std::string group;  // empty: unchanged
};

// Binds "<path>.<pid>.tmp", sets mode and group, listens, and renames it to `path`: from the first connect on the right
// people get in, and a socket file that a crash left behind is replaced without a moment of absence. Refuses a path on
// which a process listens, and one that is not a socket. The destructor removes the file if it is still this socket.
class unix_listener {
 public:
  static result<unix_listener> bind(const asio::any_io_executor& executor, const unix_listen_options& options);
  unix_listener(unix_listener&& other) noexcept;
  ~unix_listener();

  unix_protocol::acceptor& acceptor() { return acceptor_; }

  // Stops accepting and removes the file; connections live on.
  void close();

 private:
  unix_listener(unix_protocol::acceptor acceptor, std::string path, unsigned long long inode);

  unix_protocol::acceptor acceptor_;
  std::string path_;
  unsigned long long inode_;
};

result<asio::ip::tcp::acceptor> listen_tcp(const asio::any_io_executor& executor, const std::string& host,
                                           unsigned short port);

// Accepts until the acceptor is closed. Out of file descriptors or memory: logs once per spell, waits 100 ms, goes on.
template <class Protocol>
task<void> accept_loop(asio::basic_socket_acceptor<Protocol>& acceptor, const logger& log,
                       std::function<void(typename Protocol::socket)> on_connection);

extern template task<void> accept_loop<unix_protocol>(asio::basic_socket_acceptor<unix_protocol>&, const logger&,
                                                      std::function<void(unix_protocol::socket)>);
extern template task<void> accept_loop<asio::ip::tcp>(asio::basic_socket_acceptor<asio::ip::tcp>&, const logger&,
                                                      std::function<void(asio::ip::tcp::socket)>);

}  // namespace mooring
