#include "sidecar/control/control_command.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

TEST(control_command, reads_each_command) {
  EXPECT_TRUE(std::holds_alternative<status_command>(parse_control_command("status").value()));
  EXPECT_TRUE(std::get<drain_command>(parse_control_command("drain").value()).drain);
  EXPECT_FALSE(std::get<drain_command>(parse_control_command("undrain").value()).drain);
  EXPECT_TRUE(std::holds_alternative<unpin_command>(parse_control_command("unpin").value()));
  const auto pin = std::get<pin_command>(parse_control_command("pin eu-west-1 3600 a planned  move").value());
  EXPECT_EQ(pin.region, "eu-west-1");
  EXPECT_EQ(pin.seconds, 3600);
  EXPECT_EQ(pin.reason, "a planned  move");
  const auto drill = std::get<drill_command>(parse_control_command("drill us-east-1 30").value());
  EXPECT_EQ(drill.region, "us-east-1");
  EXPECT_EQ(drill.seconds, 30);
  EXPECT_TRUE(std::holds_alternative<undrill_command>(parse_control_command("undrill").value()));
}

TEST(control_command, says_what_to_write_instead) {
  for (const char* wrong : {"",
                            " ",
                            "pin",
                            "pin eu-west-1",
                            "pin eu-west-1 3600",
                            "pin eu-west-1 3600 ",
                            "pin r 0 why",
                            "pin r -1 why",
                            "pin r 1h why",
                            "pin r 99999999999999999999 why",
                            "drain now",
                            "DRAIN",
                            "\x01",
                            "drill",
                            "drill us-east-1",
                            "drill us-east-1 0",
                            "drill us-east-1 30s",
                            "drill us-east-1 30 now",
                            "drill 30",
                            "undrill now"}) {
    const auto refused = parse_control_command(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().detail().rfind("use: ", 0), 0U) << wrong;
  }
}

}  // namespace
}  // namespace mooring::sidecar
