#include "sidecar/check/dynamodb_check.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/fixed_keys.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_http.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

struct dynamodb_check_test : ::testing::Test {
  test::scripted_http http;
  test::fixed_keys keys;
  test::fake_clock time;
  std::string lines;
  metrics registry;
  dynamodb_settings config;
  dynamo_client client{http, keys, time, logger::to_string(lines), registry, config, "eu-west-1"};
  dynamodb_check subject{client, "t", 3, time};
  std::vector<region_probe> told;
  std::vector<errc> failures;
  region_pace pace;

  void watch() {
    region_watch watcher;
    watcher.pace = [this] { return pace; };
    watcher.seen = [this](const region_probe& run) {
      told.push_back(run);
      if (run.failure != nullptr) failures.push_back(run.failure->code());
    };
    subject.watch(std::move(watcher));
  }

  outcome probed() { return test::run_task(subject.probe(time.steady() + 2s)); }
};

TEST_F(dynamodb_check_test, a_run_began_when_the_clock_says_so) {
  watch();
  time.advance(1000s);
  const steady_time before = time.steady();
  http.answer(200, "{}");
  EXPECT_TRUE(probed().ok());
  ASSERT_EQ(told.size(), 1U);
  EXPECT_GE(told[0].begun, before);
  EXPECT_LE(told[0].begun, time.steady());
  EXPECT_EQ(told[0].failure, nullptr);
}

TEST_F(dynamodb_check_test, every_third_run_is_fresh_and_every_other_one_when_that_is_wanted) {
  watch();
  for (int run = 0; run < 6; ++run) {
    http.answer(200, "{}");
    probed();
  }
  pace.alternate_fresh = true;
  for (int run = 0; run < 2; ++run) {
    http.answer(200, "{}");
    probed();
  }
  std::vector<bool> fresh;
  for (const region_probe& run : told)
    fresh.push_back(run.fresh);
  EXPECT_EQ(fresh, (std::vector<bool>{false, false, true, false, false, true, false, true}));
}

TEST_F(dynamodb_check_test, a_failure_is_told_with_its_class) {
  watch();
  http.answer(400, R"({"__type":"x#ResourceNotFoundException","message":"no table"})");
  const outcome found = probed();
  EXPECT_EQ(found.why(), failure_class::configuration);
  EXPECT_EQ(failures, std::vector<errc>{errc::misconfigured});
}

}  // namespace
}  // namespace mooring::sidecar
