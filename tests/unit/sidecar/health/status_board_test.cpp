#include "sidecar/health/status_board.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

constexpr wall_time start{};

TEST(status_board, says_when_the_verdict_changes) {
  status_board board;
  const auto mysql = board.add("mysql", "datastore", on_failure::fail);
  EXPECT_EQ(board.current().kind, verdict_kind::starting);
  board.record(mysql, outcome::fine(), check_state::up, start);
  EXPECT_TRUE(board.judge_again());
  EXPECT_EQ(board.current().kind, verdict_kind::pass);
  const auto broken = outcome::failed(failure_class::down, "nobody there");
  board.record(mysql, broken, check_state::up, start);
  EXPECT_FALSE(board.judge_again()) << "one failure does not take it down";
  board.record(mysql, broken, check_state::down, start);
  EXPECT_TRUE(board.judge_again());
  EXPECT_EQ(board.current().reasons, std::vector<std::string>{"mysql: nobody there"});
  board.set_draining(true);
  EXPECT_TRUE(board.judge_again());
  EXPECT_EQ(board.current().kind, verdict_kind::draining);
  board.record(mysql, outcome::fine(), check_state::up, start);
  EXPECT_FALSE(board.judge_again()) << "draining stays";
}

TEST(status_board, facts_that_belong_together_are_judged_once) {
  status_board board;
  const auto region = board.add("dynamodb.us-east-1", "datastore", on_failure::fail);
  board.record(region, outcome::fine(), check_state::up, start);
  board.judge_again();
  board.record(region, outcome::failed(failure_class::down, "gone"), check_state::down, start);
  EXPECT_EQ(board.current().kind, verdict_kind::pass) << "nothing is judged before all is known";
  board.set_consequence(region, on_failure::warn);
  EXPECT_TRUE(board.judge_again());
  EXPECT_EQ(board.current().kind, verdict_kind::warn);
}

TEST(status_board, remembers_since_when_and_the_last_failure) {
  status_board board;
  const auto mysql = board.add("mysql", "datastore", on_failure::fail);
  board.record(mysql, outcome::failed(failure_class::down, "gone"), check_state::down, start + seconds(5));
  board.record(mysql, outcome::fine(), check_state::down, start + seconds(9));
  const check_report& report = board.checks().at(mysql);
  EXPECT_EQ(report.since, start + seconds(5));
  EXPECT_EQ(report.last_run, start + seconds(9));
  EXPECT_TRUE(report.last.ok());
  EXPECT_EQ(report.standing.last_failure, "gone");
}

TEST(status_board, a_check_keeps_the_reason_of_its_last_failure_while_it_recovers) {
  status_board board;
  const auto mysql = board.add("mysql", "datastore", on_failure::fail);
  board.record(mysql, outcome::failed(failure_class::down, "gone"), check_state::down, start);
  board.record(mysql, outcome::fine(), check_state::down, start);
  board.judge_again();
  EXPECT_EQ(board.current().reasons, std::vector<std::string>{"mysql: gone"});
}

}  // namespace
}  // namespace mooring::sidecar
