// A program on a unix socket that answers each command it hears with the next of its replies, in pieces.
#pragma once

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <vector>

#include "mooring/net/task.hpp"
#include "mooring/resp/parser.hpp"

namespace mooring::test {

class resp_peer {
 public:
  using protocol = asio::local::stream_protocol;

  // Each connection begins with the first of `replies` and is closed after the last. `piece`: bytes of one write.
  resp_peer(asio::io_context& io, const std::string& path, std::vector<std::string> replies, std::size_t piece = 4096)
      : acceptor_(io, protocol::endpoint(path)), replies_(std::move(replies)), piece_(piece) {
    asio::co_spawn(io, serve(), [](std::exception_ptr) {});
  }

  const std::vector<resp_request>& heard() const { return heard_; }
  int connections() const { return connections_; }

 private:
  task<void> serve() {
    for (;;) {
      auto [ec, peer] = co_await acceptor_.async_accept(nothrow);
      if (ec) co_return;
      ++connections_;
      co_await answer(std::move(peer));
    }
  }

  task<void> answer(protocol::socket peer) {
    resp_parser requests;
    for (std::string reply : replies_) {
      while (requests.next() != resp_parser::step::request) {
        const auto room = requests.prepare();
        const auto space = asio::buffer(room.data(), room.size());
        auto [ec, count] = co_await peer.async_read_some(space, nothrow);
        if (ec) co_return;
        requests.commit(count);
      }
      heard_.push_back(requests.take());
      while (!reply.empty()) {
        const auto part = asio::buffer(reply.data(), std::min(piece_, reply.size()));
        auto [ec, sent] = co_await asio::async_write(peer, part, nothrow);
        if (ec) co_return;
        reply.erase(0, sent);
      }
    }
  }

  protocol::acceptor acceptor_;
  std::vector<std::string> replies_;
  std::size_t piece_;
  std::vector<resp_request> heard_;
  int connections_ = 0;
};

}  // namespace mooring::test
