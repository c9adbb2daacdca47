#include "sidecar/check/sessiond_check.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>

#include "mooring/net/deadline.hpp"
#include "sidecar/check/sessiond_reply.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;
using local = asio::local::stream_protocol;

task<result<outcome>> probed(check& subject, steady_time deadline) {
  outcome found = co_await subject.probe(deadline);
  co_return found;
}

task<result<outcome>> probed_within(check& subject, milliseconds limit) {
  const steady_time deadline = std::chrono::steady_clock::now() + limit;
  co_return co_await with_deadline(probed(subject, deadline), deadline, "probe");
}

// Takes one connection, reads the request, says `reply` in pieces, and closes.
task<void> play(local::acceptor& acceptor, std::string reply, std::size_t piece, std::string& heard) {
  auto [ec, peer] = co_await acceptor.async_accept(nothrow);
  if (ec) co_return;
  std::array<char, 256> chunk;
  const auto space = asio::buffer(chunk);
  while (heard.size() < sessiond_request.size()) {
    auto [read_ec, n] = co_await peer.async_read_some(space, nothrow);
    if (read_ec) co_return;
    heard.append(chunk.data(), n);
  }
  for (std::size_t at = 0; at < reply.size(); at += piece) {
    const auto part = asio::buffer(reply.data() + at, std::min(piece, reply.size() - at));
    auto [write_ec, sent] = co_await asio::async_write(peer, part, nothrow);
    if (write_ec) co_return;
  }
}

class sessiond_check_test : public ::testing::Test {
 protected:
  outcome against(const std::string& reply, std::size_t piece) {
    local::acceptor acceptor(io_, local::endpoint(path_));
    asio::co_spawn(io_, play(acceptor, reply, piece, heard_), [](std::exception_ptr) {});
    const auto found = test::run_task(io_, probed_within(subject(), 2s));
    acceptor.close();
    io_.run();
    std::filesystem::remove(path_);
    return found ? *found : outcome::failed(failure_class::timed_out, found.error().detail());
  }

  sessiond_check& subject() {
    if (!subject_) subject_.emplace(path_);
    return *subject_;
  }

  asio::io_context io_{1};
  test::temp_dir folder_;
  std::string path_ = folder_.file("sessiond.sock");
  std::string heard_;
  std::optional<sessiond_check> subject_;
};

TEST_F(sessiond_check_test, asks_for_ping_and_metrics_and_keeps_the_metrics) {
  const outcome found = against("+PONG\r\n$11\r\na_metric 1\n\r\n", 1000);
  EXPECT_TRUE(found.ok()) << found.reason();
  EXPECT_EQ(heard_, "*1\r\n$4\r\nPING\r\n*1\r\n$7\r\nMETRICS\r\n");
  EXPECT_EQ(subject().metrics_text(), "a_metric 1\n");
}

TEST_F(sessiond_check_test, a_reply_in_single_bytes_is_a_reply) {
  EXPECT_TRUE(against("+PONG\r\n$11\r\na_metric 1\n\r\n", 1).ok());
}

TEST_F(sessiond_check_test, an_absent_socket_is_down_and_old_metrics_go) {
  ASSERT_TRUE(against("+PONG\r\n$2\r\nm\n\r\n", 100).ok());
  const auto found = test::run_task(io_, probed_within(subject(), 1s));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->why(), failure_class::down);
  EXPECT_NE(found->reason().find(path_), std::string::npos) << found->reason();
  EXPECT_EQ(subject().metrics_text(), "");
}

TEST_F(sessiond_check_test, an_end_in_the_middle_is_down) {
  const outcome found = against("+PONG\r\n$11\r\na_me", 100);
  EXPECT_EQ(found.why(), failure_class::down);
  EXPECT_FALSE(found.ok());
}

TEST_F(sessiond_check_test, another_program_is_a_bad_answer) {
  EXPECT_EQ(against("HTTP/1.1 400 Bad Request\r\n\r\n", 100).why(), failure_class::bad_answer);
  EXPECT_EQ(against("-ERR busy\r\n", 100).why(), failure_class::bad_answer);
}

TEST_F(sessiond_check_test, a_silent_one_ends_at_the_deadline) {
  local::acceptor silent(io_, local::endpoint(path_));
  const auto begun = std::chrono::steady_clock::now();
  const auto found = test::run_task(io_, probed_within(subject(), 50ms));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
}

}  // namespace
}  // namespace mooring::sidecar
