#include "sidecar/http/server.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"
#include "sidecar/http/probe_site.hpp"
#include "tests/support/run_task.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;

// What a prober sees when it sends `bytes` in pieces with pauses, and reads until the server closes.
task<result<std::string>> exchange(tcp::endpoint server, std::string bytes, std::size_t piece) {
  tcp::socket socket(co_await asio::this_coro::executor);
  auto [connect_ec] = co_await socket.async_connect(server, nothrow);
  if (connect_ec) co_return error(errc::io, connect_ec.message());
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto part = asio::buffer(bytes.data() + at, std::min(piece, bytes.size() - at));
    auto [write_ec, sent] = co_await asio::async_write(socket, part, nothrow);
    if (write_ec) break;
  }
  std::string out;
  std::array<char, 4096> chunk;
  const auto space = asio::buffer(chunk);
  for (;;) {
    auto [read_ec, n] = co_await socket.async_read_some(space, nothrow);
    out.append(chunk.data(), n);
    if (read_ec == asio::error::eof) co_return out;
    if (read_ec) co_return error(errc::io, read_ec.message());
  }
}

class server_test : public ::testing::Test {
 protected:
  server_test() {
    limits_.request_deadline = 150ms;
    limits_.max_connections = 2;
  }

  void start() {
    server_.emplace(site_, time_, log_, live_, turned_away_, limits_);
    spawn(io_.get_executor(), log_, "server", server_->serve(acceptor_));
  }

  std::string ask(std::string bytes, std::size_t piece = 1 << 20) {
    if (!server_) start();
    const auto said = test::run_task(io_, asked(std::move(bytes), piece));
    io_.run();  // until the server's last connection is gone
    EXPECT_TRUE(said) << said.error().detail();
    return said ? *said : "";
  }

  // The server ends with its acceptor, so that io_context::run() returns.
  task<result<std::string>> asked(std::string bytes, std::size_t piece) {
    const steady_time deadline = time_.steady() + 5s;
    auto said = co_await with_deadline(exchange(where_, std::move(bytes), piece), deadline, "the server never closed");
    error_code ignored;
    acceptor_.close(ignored);
    co_return said;
  }

  asio::io_context io_{1};
  system_clock time_;
  std::string lines_;
  logger log_ = logger::to_string(lines_);
  metrics registry_;
  status_board board_;
  probe_site site_{board_, registry_, [](std::string_view region) { return region == "us-east-1"; }};
  drain_register live_{io_.get_executor()};
  counter& turned_away_ = registry_.make_counter("turned_away", "");
  server_limits limits_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  tcp::endpoint where_ = acceptor_.local_endpoint();
  std::optional<http_server> server_;
};

const std::string ok_close =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nCache-Control: no-store\r\n"
    "Connection: close\r\n\r\nOK\n";
const std::string ok_keep =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nCache-Control: no-store\r\n"
    "Connection: keep-alive\r\n\r\nOK\n";

TEST_F(server_test, answers_a_probe_and_closes_as_asked) {
  EXPECT_EQ(ask("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"), ok_close);
  EXPECT_NE(registry_.render().find("mooring_sidecar_probes_total{path=\"/healthz\",status=\"200\"} 1"),
            std::string::npos);
}

TEST_F(server_test, answers_a_probe_that_comes_in_single_bytes) {
  EXPECT_EQ(ask("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 1), ok_close);
}

TEST_F(server_test, pipelined_requests_are_answered_in_order) {
  EXPECT_EQ(
      ask("GET /healthz HTTP/1.1\r\n\r\nGET /livez HTTP/1.1\r\n\r\nGET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n"
          "GET /after-close HTTP/1.1\r\n\r\n"),
      ok_keep + ok_keep + ok_close);
}

TEST_F(server_test, head_and_1_0_get_their_forms) {
  const std::string head = ask("HEAD /healthz HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.0 200 OK\r\n")) << head;
  EXPECT_TRUE(head.ends_with("Connection: close\r\n\r\n")) << head;
  EXPECT_NE(head.find("Content-Length: 3\r\n"), std::string::npos);
}

TEST_F(server_test, a_1_0_keep_alive_connection_is_kept) {
  const std::string said = ask("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_NE(said.find("Connection: keep-alive"), std::string::npos);
  EXPECT_TRUE(said.ends_with("Connection: close\r\n\r\nOK\n")) << said;
}

TEST_F(server_test, unknown_paths_and_methods_are_refused_and_the_connection_goes_on) {
  const std::string said =
      ask("GET /nowhere HTTP/1.1\r\n\r\nPOST /healthz HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"
          "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 404 Not Found\r\n")) << said;
  EXPECT_NE(said.find("HTTP/1.1 405 Method Not Allowed\r\n"), std::string::npos);
  EXPECT_NE(said.find("Allow: GET, HEAD, OPTIONS\r\n"), std::string::npos);
  EXPECT_TRUE(said.ends_with(ok_close)) << said;
  EXPECT_NE(registry_.render().find("{path=\"other\",status=\"404\"} 1"), std::string::npos);
}

TEST_F(server_test, garbage_gets_400) {
  EXPECT_TRUE(ask("\x16\x03\x01 garbage\r\n\r\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(server_test, an_endless_head_gets_431_although_it_is_still_coming) {
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nX: " + std::string(60'000, 'x')).starts_with("HTTP/1.1 431 "));
}

TEST_F(server_test, a_slow_head_gets_408) {
  const auto begun = time_.steady();
  EXPECT_TRUE(ask("GET /healthz HTTP/1.1\r\n").starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_GE(time_.steady() - begun, 145ms);
}

TEST_F(server_test, a_connection_that_says_nothing_is_closed_without_a_word) {
  EXPECT_EQ(ask(""), "");
}

TEST_F(server_test, a_draining_server_ends_every_connection_with_its_answer) {
  start();
  server_->close_after_answers();
  board_.set_draining(true);
  board_.judge_again();
  const std::string said = ask("GET /healthz HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 503 ")) << said;
  EXPECT_TRUE(said.ends_with("Connection: close\r\n\r\nDRAINING\n")) << said;
}

TEST_F(server_test, beyond_the_limit_a_connection_is_closed_at_once_while_all_are_busy) {
  start();
  std::array<tcp::socket, 2> idle{tcp::socket(io_), tcp::socket(io_)};
  for (tcp::socket& s : idle)
    s.connect(where_);
  EXPECT_EQ(ask(""), "");
  EXPECT_EQ(turned_away_.value(), 1);
  EXPECT_NE(lines_.find("event=http.full"), std::string::npos);
}

}  // namespace
}  // namespace mooring::sidecar
