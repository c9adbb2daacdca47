#include "mooring/sessiond_client/sessiond_client.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/support/resp_peer.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

constexpr auto long_enough = 20s;

class sessiond_client_test : public ::testing::Test {
 protected:
  void play(std::vector<std::string> replies, std::size_t piece = 4096) {
    peer_.emplace(io_, path_, std::move(replies), piece);
  }

  result<resp_reply> call(std::vector<std::string> words, milliseconds within = long_enough) {
    return test::run_task(io_, link_.call(std::move(words), std::chrono::steady_clock::now() + within));
  }

  void expect_failure(const result<resp_reply>& reply, errc code, const std::string& says) {
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code(), code);
    EXPECT_NE(reply.error().detail().find(path_), std::string::npos) << reply.error().detail();
    EXPECT_NE(reply.error().detail().find(says), std::string::npos) << reply.error().detail();
  }

  asio::io_context io_{1};
  test::temp_dir folder_;
  std::string path_ = folder_.file("sessiond.sock");
  std::optional<test::resp_peer> peer_;
  sessiond_client link_{io_.get_executor(), path_};
};

TEST_F(sessiond_client_test, calls_share_one_connection) {
  play({"+PONG\r\n", "*2\r\n$-1\r\n$1\r\nd\r\n", ":1\r\n"});
  EXPECT_EQ(call({"PING"})->text, "PONG");
  EXPECT_EQ(call({"SESSION.OPEN", "N", "i\r\nd"})->elements.size(), 2U);
  EXPECT_EQ(peer_->heard().back(), (resp_request{"SESSION.OPEN", "N", "i\r\nd"}));
  EXPECT_EQ(peer_->connections(), 1);
}

TEST_F(sessiond_client_test, a_reply_may_come_in_single_bytes) {
  play({"$11\r\na_metric 1\n\r\n"}, 1);
  EXPECT_EQ(call({"METRICS"})->text, "a_metric 1\n");
}

TEST_F(sessiond_client_test, a_command_that_is_refused_leaves_the_connection) {
  play({"-ERR busy\r\n", "+PONG\r\n"});
  expect_failure(call({"SESSION.OPEN", "N", "i"}), errc::invalid_argument, "ERR busy");
  EXPECT_EQ(call({"PING"})->text, "PONG");
  EXPECT_EQ(peer_->connections(), 1);
}

TEST_F(sessiond_client_test, nobody_there_is_said_with_the_remedy) {
  expect_failure(call({"PING"}), errc::io, "start mooring-sessiond");
}

TEST_F(sessiond_client_test, an_end_before_the_reply_is_an_error_and_the_next_call_connects_anew) {
  play({"$11\r\na_me"});
  expect_failure(call({"METRICS"}), errc::io, "closed the connection");
  expect_failure(call({"METRICS"}), errc::io, "closed the connection");
  EXPECT_EQ(peer_->connections(), 2);
}

TEST_F(sessiond_client_test, another_program_is_known_by_its_first_byte) {
  play({"HTTP/1.1 400 Bad Request", "it waits for more"});
  expect_failure(call({"PING"}), errc::bad_data, "HTTP/1.1 400 Bad Request");
}

TEST_F(sessiond_client_test, a_silent_one_ends_at_the_deadline) {
  play({"", "it waits for more"});
  expect_failure(call({"PING"}, 50ms), errc::timed_out, "gives no answer");
}

TEST_F(sessiond_client_test, one_call_has_a_connection_of_its_own) {
  play({"+PONG\r\n"});
  std::vector<std::string> words(1, "PING");
  const auto end = std::chrono::steady_clock::now() + long_enough;
  EXPECT_EQ(test::run_task(io_, call_sessiond(path_, words, end))->text, "PONG");
  EXPECT_EQ(test::run_task(io_, call_sessiond(path_, words, end))->text, "PONG");
  EXPECT_EQ(peer_->connections(), 2);
}

}  // namespace
}  // namespace mooring
