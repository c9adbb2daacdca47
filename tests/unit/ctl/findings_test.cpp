#include "ctl/report/findings.hpp"

#include <gtest/gtest.h>

namespace mooring::ctl {
namespace {

finding one_of(finding_level level) {
  finding out;
  out.level = level;
  out.region = "eu-west-1";
  out.about = "ttl";
  out.what = "is off";
  return out;
}

TEST(findings, a_line_has_the_mark_the_place_and_the_remedy) {
  finding one = one_of(finding_level::warn);
  EXPECT_EQ(line_of(one), "warn  eu-west-1 ttl: is off");
  one.remedy = "do this";
  EXPECT_EQ(line_of(one), "warn  eu-west-1 ttl: is off; do this");
  EXPECT_EQ(line_of(one_of(finding_level::ok)), "ok    eu-west-1 ttl: is off");
  EXPECT_EQ(line_of(one_of(finding_level::fail)), "FAIL  eu-west-1 ttl: is off");
  EXPECT_EQ(line_of(one_of(finding_level::unknown)), "FAIL  eu-west-1 ttl: is off");
}

TEST(findings, the_exit_code_is_that_of_the_worst) {
  using enum finding_level;
  findings all;
  EXPECT_EQ(exit_code_of(all), 0);
  for (const auto& [level, code] : {std::pair(ok, 0), std::pair(warn, 0), std::pair(unknown, 2), std::pair(fail, 1)}) {
    all.push_back(one_of(level));
    EXPECT_EQ(exit_code_of(all), code) << name_of(level);
    EXPECT_EQ(worst_of(all), level) << name_of(level);
    all.push_back(one_of(ok));
  }
}

TEST(findings, levels_have_names_for_machines) {
  EXPECT_EQ(name_of(finding_level::ok), "ok");
  EXPECT_EQ(name_of(finding_level::warn), "warn");
  EXPECT_EQ(name_of(finding_level::fail), "fail");
  EXPECT_EQ(name_of(finding_level::unknown), "unknown");
}

}  // namespace
}  // namespace mooring::ctl
