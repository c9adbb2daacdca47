#include "sidecar/driver/operator_commands.hpp"

#include <gtest/gtest.h>

#include "tests/support/run_task.hpp"

namespace mooring::sidecar {
namespace {

struct operator_commands_test : ::testing::Test {
  operator_commands_test() {
    operator_commands::subject on;
    on.set_draining = [this](bool drain) { draining = drain; };
    on.status = [] { return "OK region us-east-1"; };
    commands.emplace(std::move(on), logger::to_string(lines));
  }
  std::string answer(control_command command) { return test::run_task(commands->answer(std::move(command))); }

  bool draining = false;
  std::string lines;
  std::optional<operator_commands> commands;
};

TEST_F(operator_commands_test, drain_and_status_need_no_region) {
  EXPECT_EQ(answer(drain_command{true}), "OK");
  EXPECT_TRUE(draining);
  EXPECT_EQ(answer(drain_command{false}), "OK");
  EXPECT_FALSE(draining);
  EXPECT_EQ(answer(status_command()), "OK region us-east-1");
}

TEST_F(operator_commands_test, a_fixed_region_is_said_to_be_one) {
  const std::vector<control_command> about_the_region = {pin_command(), unpin_command(), drill_command(),
                                                         undrill_command()};
  for (const control_command& command : about_the_region)
    EXPECT_EQ(answer(command), "ERR the region is fixed; set sessions.store = \"dynamodb\"");
}

TEST(wish_of, takes_the_longest_time_and_no_longer_one) {
  const std::int64_t pin = std::chrono::duration_cast<seconds>(longest_pin).count();
  EXPECT_TRUE(wish_of(pin_command{"us-east-1", pin, "a test"}));
  EXPECT_EQ(wish_of(pin_command{"us-east-1", pin + 1, "a test"}).error().detail(),
            "a pin lasts " + std::to_string(pin) + " seconds at most");
  const std::int64_t drill = std::chrono::duration_cast<seconds>(longest_drill).count();
  EXPECT_TRUE(wish_of(drill_command{"us-east-1", drill}));
  EXPECT_EQ(wish_of(drill_command{"us-east-1", drill + 1}).error().code(), errc::invalid_argument);
  EXPECT_FALSE(wish_of(pin_command{"us-east-1", std::numeric_limits<std::int64_t>::max(), "a test"}));
}

}  // namespace
}  // namespace mooring::sidecar
