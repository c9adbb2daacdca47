// The unix socket: who may connect, how many, and the end of all of them.
//
// A client over sessions.max_connections, or of a user that is not in sessions.allow_uids, is answered with "-ERR" and
// closed; that neither waits nor counts as a connection. Every connection is a task of its own that owns its socket; it
// ends by itself (connection.hpp), and only drain() ends it earlier. The settings and the dispatcher must outlive the
// server, and the server all its connections: when drain() gives false, nothing may be destroyed.
#pragma once

#include "mooring/base/metrics.hpp"
#include "mooring/net/drain.hpp"
#include "mooring/net/listener.hpp"
#include "mooring/settings/settings.hpp"
#include "sessiond/command/dispatcher.hpp"

namespace mooring::sessiond {

class server {
 public:
  server(unix_listener listener, const session_settings& config, dispatcher& commands, const logger& log,
         metrics& registry);

  // Accepts until drain() closes the listener.
  task<void> accept();

  // PHP requests that have a session open get finish_time to commit it; then only what has arrived is answered. True:
  // all of that was done within `grace`.
  task<bool> drain(milliseconds grace);

  std::size_t connections() const { return live_.live(); }

 private:
  void admit(unix_protocol::socket socket);
  bool allowed(unix_protocol::socket& socket) const;
  task<void> serve(unix_protocol::socket socket);

  unix_listener listener_;
  const session_settings& config_;
  dispatcher& commands_;
  logger log_;
  drain_register live_;
  owner_id last_id_ = 0;
  bool full_ = false;
  counter& accepted_;
  counter& refused_;
};

}  // namespace mooring::sessiond
