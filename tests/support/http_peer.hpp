// A loopback TCP server that answers each request head with what a test says, on a thread of its own.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <thread>

namespace mooring::test {

class http_peer {
 public:
  // `answer` gets the request head and returns the bytes to send; "" hangs until the peer goes away.
  explicit http_peer(std::function<std::string(const std::string&)> answer)
      : answer_(std::move(answer)), thread_([this] { serve(); }) {}

  ~http_peer() {
    stopping_ = true;
    boost::system::error_code ignored;
    // The client under test may keep its connection: end the read that waits on it.
    if (const int current = current_; current >= 0) ::shutdown(current, SHUT_RDWR);
    boost::asio::ip::tcp::socket wake(io_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/"; }
  int connections() const { return connections_; }
  // The client has dropped its last connection, not closed it.
  bool was_reset() const { return was_reset_; }

 private:
  void serve() {
    for (;;) {
      boost::asio::ip::tcp::socket socket = acceptor_.accept();
      if (stopping_) return;
      ++connections_;
      current_ = socket.native_handle();
      converse(socket);
      current_ = -1;
    }
  }

  void converse(boost::asio::ip::tcp::socket& socket) {
    boost::system::error_code ec;
    std::string bytes;
    while (!stopping_) {
      const auto head = boost::asio::read_until(socket, boost::asio::dynamic_buffer(bytes), "\r\n\r\n", ec);
      if (ec == boost::asio::error::connection_reset) was_reset_ = true;
      if (ec) return;
      const std::string reply = answer_(bytes.substr(0, head));
      bytes.erase(0, head);
      if (!reply.empty()) boost::asio::write(socket, boost::asio::buffer(reply), ec);
    }
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::function<std::string(const std::string&)> answer_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::atomic<bool> was_reset_{false};
  std::atomic<int> current_{-1};
  std::thread thread_;
};

}  // namespace mooring::test
