// HTTP connections of one listener: reads a request wholly, lets the site answer it, and so on while kept alive.
//
//   accept -> head (8 KiB, deadline) -> site -> write -> next request | lingering close
//
// A head that is not complete request_deadline after it began gets 408. A connection that keeps alive may rest for a
// minute between requests, unless its place is needed: at max_connections the one that has rested longest is closed for
// a new one, so that idle clients cannot shut a prober out. When all are busy the new one is accepted and closed:
// waiting in the backlog would look like a dead node. Before closing, what the peer still sends is read and dropped,
// because closing on unread bytes resets the connection and the peer loses the answer.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <list>

#include "mooring/base/clock.hpp"
#include "mooring/base/metrics.hpp"
#include "mooring/net/drain.hpp"
#include "request_reader.hpp"
#include "site.hpp"

namespace mooring::sidecar {

struct server_limits {
  std::size_t max_connections = 1024;
  milliseconds request_deadline{5000};
};

class http_server {
 public:
  http_server(site& content, const clock& time, const logger& log, drain_register& live, counter& turned_away,
              server_limits limits);

  // Until the acceptor is closed. Connections live on.
  task<void> serve(asio::ip::tcp::acceptor& acceptor);

  // From now on every answer is the last one of its connection.
  void close_after_answers() { last_answers_ = true; }

 private:
  void admit(asio::ip::tcp::socket socket);
  task<void> converse(asio::ip::tcp::socket socket);
  task<http_arrival> receive(asio::ip::tcp::socket& socket, request_reader& reader, bool first);
  task<bool> send(asio::ip::tcp::socket& socket, const std::string& bytes);
  task<void> linger(asio::ip::tcp::socket& socket);
  bool make_room();

  site& content_;
  const clock& time_;
  logger log_;
  drain_register& live_;
  counter& turned_away_;
  server_limits limits_;
  std::size_t connections_ = 0;
  std::list<asio::ip::tcp::socket*> resting_;  // kept alive, between requests; the longest first
  bool full_ = false;
  bool last_answers_ = false;
};

}  // namespace mooring::sidecar
