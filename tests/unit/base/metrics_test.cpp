#include "mooring/base/metrics.hpp"

#include <gtest/gtest.h>

#include "mooring/base/backoff.hpp"

namespace mooring {
namespace {

TEST(metrics, renders_prometheus_text) {
  metrics registry;
  registry.make_counter("mooring_x_total", "Things", {{"kind", "a\"b"}}).add(2);
  registry.make_gauge("mooring_g", "Level").set(1.5);
  auto& h = registry.make_histogram("mooring_h_seconds", "Time", {}, {0.1, 1});
  h.observe(0.05);
  h.observe(0.1);
  h.observe(7);
  EXPECT_EQ(registry.render(),
            "# HELP mooring_g Level\n# TYPE mooring_g gauge\nmooring_g 1.5\n"
            "# HELP mooring_h_seconds Time\n# TYPE mooring_h_seconds histogram\n"
            "mooring_h_seconds_bucket{le=\"0.1\"} 2\nmooring_h_seconds_bucket{le=\"1\"} 2\n"
            "mooring_h_seconds_bucket{le=\"+Inf\"} 3\nmooring_h_seconds_sum 7.15\nmooring_h_seconds_count 3\n"
            "# HELP mooring_x_total Things\n# TYPE mooring_x_total counter\nmooring_x_total{kind=\"a\\\"b\"} 2\n");
}

TEST(metrics, references_stay_valid_while_more_are_made) {
  metrics registry;
  counter& first = registry.make_counter("mooring_first_total", "First");
  for (int i = 0; i < 1000; ++i)
    registry.make_counter("mooring_many_total", "Many", {{"i", std::to_string(i)}});
  first.add();
  EXPECT_NE(registry.render().find("mooring_first_total 1\n"), std::string::npos);
}

TEST(backoff, grows_up_to_its_limit_and_never_above) {
  using std::chrono::milliseconds;
  const backoff pauses;
  EXPECT_EQ(pauses.pause(0, 0.0), milliseconds(0));
  EXPECT_EQ(pauses.pause(0, 0.999), milliseconds(24));
  EXPECT_EQ(pauses.pause(3, 0.5), milliseconds(100));
  EXPECT_LE(pauses.pause(1000, 0.999), milliseconds(1000));
}

}  // namespace
}  // namespace mooring
