#include "ctl/report/drill_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

drill_facts good() {
  drill_facts out;
  out.region = "us-east-1";
  out.other = "eu-west-1";
  out.asked = 30s;
  out.lasted = 30'020ms;
  out.detected = 420ms;
  out.switched = 5'280ms;
  out.followed = 5'510ms;
  out.phases[0].times = {4'000us, 5'000us};
  out.phases[1].times = {4'000us, 1'000'000us, 1'000'001us};
  out.sessions = 2;
  out.checked = 2;
  out.way_back = "us-east-1 is used again later";
  return out;
}

TEST(drill_report, percentiles_are_by_nearest_rank) {
  std::vector<std::chrono::microseconds> times;
  EXPECT_FALSE(percentile(times, 0.5));
  for (int i = 100; i > 0; --i)
    times.emplace_back(i);
  EXPECT_EQ(percentile(times, 0.5), 50us);
  EXPECT_EQ(percentile(times, 0.99), 99us);
  EXPECT_EQ(percentile(times, 1), 100us);
  EXPECT_EQ(percentile({7us}, 0.01), 7us);
}

TEST(drill_report, shows_what_was_seen) {
  EXPECT_EQ(text_of(good()),
            "drill     us-east-1 counted as failed for 30.0 s\n"
            "detected  after 0.4 s\n"
            "switched  to eu-west-1 after 5.3 s, sessiond after 5.5 s\n"
            "            requests    failed      slow      p50 ms      p99 ms  slowest ms\n"
            "before             2         0         0         4.0         5.0         5.0\n"
            "during             3         0         1      1000.0      1000.0      1000.0\n"
            "after              0         0         0           -           -           -\n"
            "sessions  2 made, 2 checked, 0 lost\n"
            "back      not yet: us-east-1 is used again later\n"
            "ok        nothing failed, nothing was lost\n");
}

TEST(drill_report, each_limit_is_told_when_it_is_broken) {
  EXPECT_TRUE(broken_limits(good()).empty());
  const auto broken = [](void (*spoil)(drill_facts&)) {
    drill_facts facts = good();
    spoil(facts);
    const auto found = broken_limits(facts);
    return found.size() == 1 ? found.front() : std::to_string(found.size()) + " limits";
  };
  EXPECT_EQ(broken([](drill_facts& f) { f.phases[2].failed = 1; }), "1 request failed");
  EXPECT_EQ(broken([](drill_facts& f) { f.phases[0].failed = 2; }), "2 requests failed");
  EXPECT_EQ(broken([](drill_facts& f) { f.lost = 1; }), "1 session lost what was acknowledged");
  EXPECT_EQ(broken([](drill_facts& f) { f.checked = 1; }), "1 session could not be looked at in the end");
  EXPECT_EQ(broken([](drill_facts& f) { f.interrupted = true; }), "the drill was interrupted");
  EXPECT_EQ(broken([](drill_facts& f) { f.ended_because = "x"; }), "the drill ended before its time: x");
  EXPECT_EQ(broken([](drill_facts& f) { f.followed.reset(); }), "sessiond did not follow to eu-west-1");
  EXPECT_EQ(broken([](drill_facts& f) { f.waited_for_way_back = true; }), "us-east-1 was not used again");
  EXPECT_EQ(broken([](drill_facts& f) { f.switched.reset(), f.followed.reset(); }),
            "eu-west-1 was not published while us-east-1 counted as failed");
  // The standby was drilled: nothing has to move.
  EXPECT_EQ(broken([](drill_facts& f) { f.was_in_use = false, f.switched.reset(), f.followed.reset(); }), "0 limits");
  EXPECT_EQ(broken([](drill_facts& f) { f.left = 1; }), "0 limits");
}

TEST(drill_report, tells_faults_in_text_without_bytes_that_do_things) {
  drill_facts facts = good();
  facts.lost = 1;
  facts.left = 2;
  facts.ended_because = "\x1b[2J";
  facts.examples = {"a session held \x01"};
  const std::string text = text_of(facts);
  for (const char* line : {"FAIL      1 session lost what was acknowledged\n", "of 30.0 s: \\x1b[2J\n",
                           "example   a session held \\x01\n", "left      2 sessions could not be removed"})
    EXPECT_NE(text.find(line), std::string::npos) << text;
  EXPECT_EQ(text.find("ok  "), std::string::npos);
}

TEST(drill_report, json_has_the_same) {
  const auto json = nlohmann::json::parse(json_of(good()));
  EXPECT_EQ(json["region"], "us-east-1");
  EXPECT_EQ(json["detected_after_seconds"], 0.42);
  EXPECT_EQ(json["switched_after_seconds"], 5.28);
  EXPECT_EQ(json["sessiond_followed_after_seconds"], 5.51);
  EXPECT_EQ(json["requests"]["during"]["requests"], 3);
  EXPECT_EQ(json["requests"]["during"]["slow"], 1);
  EXPECT_EQ(json["requests"]["before"]["p50_ms"], 4.0);
  EXPECT_TRUE(json["requests"]["after"]["p50_ms"].is_null());
  EXPECT_TRUE(json["back_after_seconds"].is_null());
  EXPECT_TRUE(json["ended_because"].is_null());
  EXPECT_TRUE(json["broken_limits"].empty());
}

}  // namespace
}  // namespace mooring::ctl
