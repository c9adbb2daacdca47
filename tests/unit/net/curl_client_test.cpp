#include "mooring/net/curl_client.hpp"

#include <gtest/gtest.h>

#include "mooring/net/deadline.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/run_task.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

std::string response_of(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nX-Thing:  a b \r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct curl_client_test : ::testing::Test {
  asio::io_context io{1};
  std::unique_ptr<http_client> client = make_curl_client(io.get_executor(), curl_options{500ms});

  result<http_response> get(const std::string& url, milliseconds patience = 5s, bool fresh = false) {
    http_request request;
    request.method = "GET";
    request.url = url;
    request.fresh_connection = fresh;
    return test::run_task(io, client->send(std::move(request), std::chrono::steady_clock::now() + patience));
  }
};

TEST_F(curl_client_test, reads_status_headers_and_body) {
  const test::http_peer peer([](const std::string&) { return response_of("hello"); });
  const auto response = get(peer.url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->header("x-thing"), "a b");
  EXPECT_FALSE(response->header("absent"));
}

TEST_F(curl_client_test, keeps_connections_warm_unless_a_fresh_one_is_asked_for) {
  const test::http_peer peer([](const std::string&) { return response_of("x"); });
  EXPECT_TRUE(get(peer.url())->new_connection);
  EXPECT_FALSE(get(peer.url())->new_connection);
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(curl_client_test, a_silent_service_is_a_timeout) {
  const test::http_peer peer([](const std::string&) { return std::string(); });
  const auto response = get(peer.url(), 100ms);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), errc::timed_out);
}

TEST_F(curl_client_test, a_request_that_was_given_up_is_not_delivered_later) {
  const test::http_peer peer([](const std::string&) { return std::string(); });
  ASSERT_FALSE(get(peer.url(), 100ms));
  const auto end = std::chrono::steady_clock::now() + 5s;
  while (!peer.was_reset() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(peer.was_reset()) << "a connection that is closed in order still delivers what it has";
}

TEST_F(curl_client_test, a_refused_connection_and_an_unknown_name_are_regional) {
  asio::ip::tcp::acceptor closed(io, {asio::ip::address_v4::loopback(), 0});
  const auto port = closed.local_endpoint().port();
  closed.close();
  EXPECT_EQ(get("http://127.0.0.1:" + std::to_string(port) + "/").error().code(), errc::region_unavailable);
  EXPECT_EQ(get("http://no-such-host.invalid/").error().code(), errc::region_unavailable);
}

TEST_F(curl_client_test, takes_a_body_at_the_limit_and_refuses_one_byte_more) {
  for (const std::size_t size : {max_response_bytes, max_response_bytes + 1}) {
    const test::http_peer peer([size](const std::string&) { return response_of(std::string(size, 'x')); });
    const auto response = get(peer.url());
    EXPECT_EQ(response.has_value(), size == max_response_bytes) << size;
    EXPECT_TRUE(response || response.error().code() == errc::too_large);
  }
}

TEST_F(curl_client_test, cancelling_abandons_the_transfer) {
  const test::http_peer peer([](const std::string&) { return std::string(); });
  http_request request;
  request.method = "GET";
  request.url = peer.url();
  const auto now = std::chrono::steady_clock::now();
  const auto response =
      test::run_task(io, with_deadline(client->send(std::move(request), now + 60s), now + 50ms, "given up"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - now, 10s);
}

TEST_F(curl_client_test, a_deadline_in_the_past_sends_nothing) {
  const test::http_peer peer([](const std::string&) { return response_of("x"); });
  EXPECT_EQ(get(peer.url(), -1ms).error().code(), errc::timed_out);
  EXPECT_EQ(peer.connections(), 0);
}

}  // namespace
}  // namespace mooring
