#include "sessiond/server/server.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "sessiond/server/connection.hpp"

namespace mooring::sessiond {
namespace {

// Most PHP requests end sooner; those that do not commit to the next sessiond by their token. New requests cannot
// connect meanwhile, and the PHP handler tries for as long as this.
constexpr std::chrono::seconds finish_time{1};

// One non-blocking try: a client that is refused may not hold the accept loop.
void refuse(unix_protocol::socket& socket, std::string_view why) {
  std::string out;
  resp_writer(out).error(why);
  ::send(socket.native_handle(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

server::server(unix_listener listener, const session_settings& config, dispatcher& commands, const logger& log,
               metrics& registry)
    : listener_(std::move(listener)),
      config_(config),
      commands_(commands),
      log_(log),
      live_(listener_.acceptor().get_executor()),
      accepted_(registry.make_counter("mooring_sessiond_connections_total", "Connections accepted")),
      refused_(registry.make_counter("mooring_sessiond_connections_refused_total",
                                     "Connections over sessions.max_connections or not in sessions.allow_uids")) {}

task<void> server::accept() {
  const auto on_connection = [this](unix_protocol::socket socket) { admit(std::move(socket)); };
  co_await accept_loop<unix_protocol>(listener_.acceptor(), log_, on_connection);
}

bool server::allowed(unix_protocol::socket& socket) const {
  if (config_.allow_uids.empty()) return true;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  const auto& uids = config_.allow_uids;
  return std::find(uids.begin(), uids.end(), static_cast<std::int64_t>(peer.uid)) != uids.end();
}

void server::admit(unix_protocol::socket socket) {
  if (!allowed(socket)) {
    refused_.add();
    log_.warn("connection.refused", "reason", "the peer's uid is not in sessions.allow_uids");
    return refuse(socket, "this user may not use sessiond; see sessions.allow_uids");
  }
  if (live_.live() >= static_cast<std::size_t>(config_.max_connections)) {
    refused_.add();
    if (!full_) log_.warn("connections.full", "max_connections", config_.max_connections);
    full_ = true;
    return refuse(socket, "max number of clients reached; see sessions.max_connections");
  }
  full_ = false;
  accepted_.add();
  spawn(listener_.acceptor().get_executor(), log_, "connection", serve(std::move(socket)));
}

task<void> server::serve(unix_protocol::socket socket) {
  connection peer(std::move(socket), ++last_id_, commands_, live_);
  co_await peer.serve();
}

task<bool> server::drain(milliseconds grace) {
  listener_.close();
  co_return co_await live_.drain(finish_time, grace);
}

}  // namespace mooring::sessiond
