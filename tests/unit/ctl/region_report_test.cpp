#include "ctl/report/region_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/region_states.hpp"

namespace mooring::ctl {
namespace {

region_facts well() {
  region_facts out;
  out.published = test::moved_state(4);
  out.sessiond = followed_facts{"eu-west-1", "4", false, "eu-west-1"};
  out.now_ms = 1'760'942'892'345 + 180'000;
  return out;
}

TEST(region_report, shows_what_is_used_and_why) {
  EXPECT_EQ(text_of(well()),
            "active    eu-west-1\n"
            "mode      secondary\n"
            "epoch     4\n"
            "since     2025-10-20 06:48:12 UTC (3 min ago)\n"
            "reason    us-east-1 is down: 4 failures in a row over 6s, the last: DNS: no addresses\n"
            "pin       none\n"
            "eu-west-1 up since 2025-10-19 18:53:20 UTC (11 h ago)\n"
            "us-east-1 down since 2025-10-20 06:48:12 UTC (3 min ago): DNS: no addresses\n"
            "sessiond  uses eu-west-1, has seen epoch 4\n");
  EXPECT_TRUE(warnings_of(well()).empty());
}

TEST(region_report, shows_a_pin_and_a_drill_and_what_bytes_may_do_no_harm) {
  region_facts facts = well();
  facts.published.pinned_until = test::at_ms(facts.now_ms + 3'600'000);
  facts.published.avoided = avoided_region{"us-east-1", test::at_ms(facts.now_ms + 30'000)};
  facts.published.reason = "\x1b[31mred";
  const std::string text = text_of(facts);
  EXPECT_NE(text.find("pin       until 2025-10-20 07:51:12 UTC (in 60 min)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("drill     us-east-1 counts as failed until 2025-10-20 06:51:42 UTC (in 30 s)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("reason    \\x1b[31mred\n"), std::string::npos) << text;
}

TEST(region_report, warns_of_what_is_wrong) {
  region_facts facts = well();
  facts.warnings = {"the control probe fails"};
  facts.sessiond->region = "us-east-1";
  facts.sessiond->in_use = "eu-west-1";
  facts.sessiond->bridging = true;
  EXPECT_EQ(warnings_of(facts).size(), 2U);
  const std::string text = text_of(facts);
  EXPECT_NE(text.find("sessiond  uses eu-west-1, has seen epoch 4; us-east-1 fails\n"), std::string::npos) << text;
  EXPECT_NE(text.find("warning   the control probe fails\n"), std::string::npos) << text;
  EXPECT_NE(text.find("warning   sessiond follows us-east-1, not eu-west-1; look at"), std::string::npos) << text;
  facts.sessiond->bridging = false;
  EXPECT_NE(text_of(facts).find("; other nodes are there, and not in us-east-1\n"), std::string::npos);
  facts.sessiond.reset();
  facts.sessiond_failure = "cannot connect";
  facts.sidecar_failure = "does not answer";
  EXPECT_EQ(warnings_of(facts),
            (std::vector<std::string>{"the control probe fails", "does not answer", "cannot connect"}));
}

TEST(region_report, json_has_the_same) {
  region_facts facts = well();
  facts.published.avoided = avoided_region{"us-east-1", test::at_ms(facts.now_ms)};
  const auto json = nlohmann::json::parse(json_of(facts));
  EXPECT_EQ(json["active"], "eu-west-1");
  EXPECT_EQ(json["mode"], "secondary");
  EXPECT_EQ(json["epoch"], 4);
  EXPECT_EQ(json["since"], "2025-10-20T06:48:12Z");
  EXPECT_TRUE(json["pinned_until"].is_null());
  EXPECT_EQ(json["drill"]["region"], "us-east-1");
  EXPECT_EQ(json["regions"]["us-east-1"]["state"], "down");
  EXPECT_TRUE(json["regions"]["eu-west-1"]["reason"].is_null());
  EXPECT_EQ(json["sessiond"]["region"], "eu-west-1");
  EXPECT_EQ(json["sessiond"]["in_use"], "eu-west-1");
  EXPECT_TRUE(json["warnings"].empty());
  facts.sessiond.reset();
  facts.published.avoided.reset();
  EXPECT_TRUE(nlohmann::json::parse(json_of(facts))["sessiond"].is_null());
  EXPECT_TRUE(nlohmann::json::parse(json_of(facts))["drill"].is_null());
}

}  // namespace
}  // namespace mooring::ctl
