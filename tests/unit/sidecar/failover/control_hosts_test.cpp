#include "sidecar/failover/control_hosts.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

control_outcome answered() {
  return {};
}

control_outcome silent(const std::string& reason) {
  control_outcome out;
  out.ok = false;
  out.reason = reason;
  return out;
}

TEST(control_hosts, one_host_speaks_for_itself) {
  control_hosts one(1);
  EXPECT_FALSE(one.record(0, silent("refused"))->ok);
  EXPECT_TRUE(one.record(0, answered())->ok);
}

TEST(control_hosts, the_machine_does_not_hear_of_a_failure_while_another_host_answers) {
  control_hosts two(2);
  EXPECT_TRUE(two.record(0, answered())->ok);
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(two.record(1, silent("refused")).has_value());
  EXPECT_TRUE(two.record(0, answered())->ok);
}

TEST(control_hosts, who_was_not_asked_to_the_end_has_not_failed) {
  control_hosts two(2);
  EXPECT_FALSE(two.record(0, silent("refused")).has_value());
  EXPECT_EQ(two.record(1, silent("no answer"))->reason, "no answer");
}

TEST(control_hosts, all_failing_is_a_failure_each_time_and_any_answer_ends_it) {
  control_hosts three(3);
  EXPECT_FALSE(three.record(0, silent("a")).has_value());
  EXPECT_FALSE(three.record(1, silent("b")).has_value());
  EXPECT_EQ(three.record(2, silent("c"))->reason, "c");
  EXPECT_EQ(three.record(0, silent("a"))->reason, "a");
  EXPECT_TRUE(three.record(1, answered())->ok);
  EXPECT_FALSE(three.record(2, silent("c")).has_value());
}

}  // namespace
}  // namespace mooring::sidecar
