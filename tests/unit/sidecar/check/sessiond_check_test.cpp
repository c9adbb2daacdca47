#include "sidecar/check/sessiond_check.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/support/resp_peer.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

const std::string pong = "+PONG\r\n";
const std::string metrics = "$11\r\na_metric 1\n\r\n";

task<result<outcome>> run_of(check& subject, steady_time deadline) {
  outcome found = co_await subject.probe(deadline);
  co_return found;
}

class sessiond_check_test : public ::testing::Test {
 protected:
  outcome probe(milliseconds within = 20s) {
    return *test::run_task(io_, run_of(subject_, std::chrono::steady_clock::now() + within));
  }

  outcome against(std::vector<std::string> replies) {
    peer_.reset();
    std::filesystem::remove(path_);
    peer_.emplace(io_, path_, std::move(replies));
    return probe();
  }

  asio::io_context io_{1};
  test::temp_dir folder_;
  std::string path_ = folder_.file("sessiond.sock");
  std::optional<test::resp_peer> peer_;
  sessiond_check subject_{path_};
};

TEST_F(sessiond_check_test, asks_for_ping_and_metrics_and_keeps_the_metrics) {
  const outcome found = against({pong, metrics});
  EXPECT_TRUE(found.ok()) << found.reason();
  EXPECT_EQ(peer_->heard(), (std::vector<resp_request>{{"PING"}, {"METRICS"}}));
  EXPECT_EQ(peer_->connections(), 1);
  EXPECT_EQ(subject_.metrics_text(), "a_metric 1\n");
}

TEST_F(sessiond_check_test, a_sessiond_without_metrics_is_fine) {
  EXPECT_TRUE(against({pong, "-ERR unknown command\r\n"}).ok());
  EXPECT_EQ(subject_.metrics_text(), "");
}

TEST_F(sessiond_check_test, an_absent_socket_is_down_and_old_metrics_go) {
  ASSERT_TRUE(against({pong, metrics}).ok());
  std::filesystem::remove(path_);
  const auto found = probe();
  EXPECT_EQ(found.why(), failure_class::down);
  EXPECT_NE(found.reason().find(path_), std::string::npos) << found.reason();
  EXPECT_EQ(subject_.metrics_text(), "");
}

TEST_F(sessiond_check_test, an_end_in_the_middle_is_down) {
  const outcome found = against({pong, "$11\r\na_me"});
  EXPECT_FALSE(found.ok());
  EXPECT_EQ(found.why(), failure_class::down);
}

TEST_F(sessiond_check_test, what_sessiond_does_not_say_is_a_bad_answer) {
  for (const auto& replies : std::vector<std::vector<std::string>>{{"HTTP/1.1 400 Bad Request\r\n\r\n"},
                                                                   {"-ERR too many connections\r\n"},
                                                                   {"+OK\r\n"},
                                                                   {pong, ":1\r\n"},
                                                                   {pong, "$-1\r\n"}}) {
    const outcome found = against(replies);
    EXPECT_FALSE(found.ok()) << replies.back();
    EXPECT_EQ(found.why(), failure_class::bad_answer) << replies.back();
  }
}

TEST_F(sessiond_check_test, a_silent_one_ends_at_the_deadline) {
  peer_.emplace(io_, path_, std::vector<std::string>{"", "it waits for more"});
  const outcome found = probe(50ms);
  EXPECT_FALSE(found.ok());
  EXPECT_EQ(found.why(), failure_class::timed_out);
}

}  // namespace
}  // namespace mooring::sidecar
