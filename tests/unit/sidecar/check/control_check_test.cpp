#include "sidecar/check/control_check.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_http.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

struct control_check_test : ::testing::Test {
  test::scripted_http http;
  test::fake_clock time;
  control_check subject{http, "https://control.example:8443/ping?x=1", time};

  outcome probed() { return test::run_task(subject.probe(time.steady() + 2s)); }
};

TEST_F(control_check_test, is_named_after_the_host) {
  EXPECT_EQ(subject.name(), "control.control.example:8443");
  EXPECT_EQ(control_check(http, "http://[::1]", time).name(), "control.[::1]");
  EXPECT_EQ(control_check(http, "http://a?x", time).name(), "control.a");
}

TEST_F(control_check_test, any_answer_over_a_new_connection_is_fine) {
  http.answer(200, "OK");
  http.answer(500, "broken");
  http.fail(errc::too_large);
  for (int run = 0; run < 3; ++run)
    EXPECT_TRUE(probed().ok()) << run;
  EXPECT_EQ(http.sent[0].method, "GET");
  EXPECT_EQ(http.sent[0].url, "https://control.example:8443/ping?x=1");
  EXPECT_TRUE(http.sent[0].fresh_connection);
}

TEST_F(control_check_test, a_failure_has_its_class) {
  const std::pair<errc, failure_class> failures[] = {{errc::region_unavailable, failure_class::down},
                                                     {errc::timed_out, failure_class::timed_out},
                                                     {errc::no_network, failure_class::no_network}};
  for (const auto& [code, wanted] : failures) {
    http.fail(code);
    const outcome found = probed();
    EXPECT_FALSE(found.ok());
    EXPECT_EQ(found.why(), wanted);
    EXPECT_FALSE(found.reason().empty());
  }
}

TEST_F(control_check_test, tells_each_run_and_when_it_began_by_the_clock) {
  std::vector<bool> fine;
  std::vector<steady_time> begun;
  bool hurried = false;
  control_watcher watcher;
  watcher.hurried = [&] { return hurried; };
  watcher.seen = [&](const control_run& run) {
    fine.push_back(run.failure == nullptr);
    begun.push_back(run.begun);
  };
  EXPECT_FALSE(subject.hurries());
  subject.watch(std::move(watcher));
  EXPECT_FALSE(subject.hurries());
  hurried = true;
  EXPECT_TRUE(subject.hurries());
  time.advance(1000s);
  const steady_time before = time.steady();
  http.answer(200, "OK");
  http.fail(errc::timed_out);
  probed();
  probed();
  EXPECT_EQ(fine, (std::vector<bool>{true, false}));
  EXPECT_GE(begun[0], before);
}

}  // namespace
}  // namespace mooring::sidecar
