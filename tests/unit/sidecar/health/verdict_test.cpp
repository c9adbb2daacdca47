#include "sidecar/health/verdict.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

check_standing standing(std::string name, check_state state, on_failure consequence = on_failure::fail) {
  check_standing out;
  out.name = std::move(name);
  out.state = state;
  out.consequence = consequence;
  if (state == check_state::down) out.last_failure = "it broke";
  return out;
}

verdict_kind kind_of(std::vector<check_standing> checks, bool draining = false) {
  return judge(checks, draining).kind;
}

TEST(verdict, passes_when_everything_is_up_and_when_nothing_is_checked) {
  EXPECT_EQ(kind_of({}), verdict_kind::pass);
  EXPECT_EQ(kind_of({standing("mysql", check_state::up), standing("sessiond", check_state::up)}), verdict_kind::pass);
}

TEST(verdict, starts_while_a_needed_check_is_unknown) {
  EXPECT_EQ(kind_of({standing("mysql", check_state::up), standing("sessiond", check_state::unknown)}),
            verdict_kind::starting);
}

TEST(verdict, does_not_wait_for_a_check_that_only_warns) {
  EXPECT_EQ(kind_of({standing("eu", check_state::unknown, on_failure::warn)}), verdict_kind::pass);
}

TEST(verdict, fails_when_a_needed_check_is_down_and_says_why) {
  const auto found = judge({standing("mysql", check_state::down), standing("sessiond", check_state::unknown)}, false);
  EXPECT_EQ(found.kind, verdict_kind::fail);
  EXPECT_EQ(found.reasons, (std::vector<std::string>{"mysql: it broke", "sessiond: not checked yet"}));
}

TEST(verdict, warns_when_an_advisory_check_is_down) {
  const auto found =
      judge({standing("eu", check_state::down, on_failure::warn), standing("us", check_state::up)}, false);
  EXPECT_EQ(found.kind, verdict_kind::warn);
  EXPECT_EQ(found.reasons, std::vector<std::string>{"eu: it broke"});
}

TEST(verdict, failing_wins_over_starting_and_warning) {
  EXPECT_EQ(kind_of({standing("a", check_state::unknown), standing("b", check_state::down, on_failure::warn),
                     standing("c", check_state::down)}),
            verdict_kind::fail);
}

TEST(verdict, draining_wins_over_everything) {
  EXPECT_EQ(kind_of({standing("a", check_state::down)}, true), verdict_kind::draining);
  EXPECT_EQ(kind_of({standing("a", check_state::unknown)}, true), verdict_kind::draining);
  EXPECT_EQ(kind_of({}, true), verdict_kind::draining);
}

TEST(verdict, only_pass_and_warn_are_in_service) {
  EXPECT_TRUE(in_service(verdict_kind::pass));
  EXPECT_TRUE(in_service(verdict_kind::warn));
  EXPECT_FALSE(in_service(verdict_kind::fail));
  EXPECT_FALSE(in_service(verdict_kind::starting));
  EXPECT_FALSE(in_service(verdict_kind::draining));
}

}  // namespace
}  // namespace mooring::sidecar
