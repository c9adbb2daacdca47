// Several nodes, two regions, and links between them that fail at random: the nodes must come together where all of
// those can be who can be anywhere, and must know when they are not together.
#include <gtest/gtest.h>

#include <random>

#include "sessiond/region/region_route.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes = 3;
constexpr milliseconds step = 100ms;
// A failed look, a look of the others at the notice, the region's sound time, the notice's end, and a step for each.
constexpr milliseconds together_within = bridge_time + notice_life + 4 * between_notice_looks;

struct world {
  explicit world(std::uint32_t seed) : chance(seed) {
    for (std::size_t i = 0; i < nodes; ++i) {
      routes.emplace_back(2, now);
      looks.push_back(milliseconds(chance() % 500));
    }
  }

  void pass(milliseconds time) {
    for (milliseconds gone{0}; gone < time; gone += step) {
      now += step;
      for (std::size_t node = 0; node < nodes; ++node) {
        looks[node] += step;
        if (looks[node] >= between_notice_looks) look(node);
        routes[node].follow(now);
      }
    }
  }

  void look(std::size_t node) {
    looks[node] = 0ms;
    region_route& route = routes[node];
    for (const std::size_t region : {0U, 1U}) {
      const bool reached = reaches[node][region];
      if (reached) route.looked(region, now, notices[region], now);
      if (!reached) route.look_failed(region, now);
      route.follow(now);
      const auto due = route.notice_due(region, now);
      if (due && reached) notices[region][static_cast<std::size_t>(*due)] = std::to_string(++stamps);
    }
  }

  bool together() const {
    for (const region_route& route : routes)
      if (route.in_use() != routes.front().in_use()) return false;
    return true;
  }
  bool all_reach(std::size_t region) const {
    for (const auto& links : reaches)
      if (!links[region]) return false;
    return true;
  }

  std::mt19937 chance;
  steady_time now = steady_time() + 1h;
  std::vector<region_route> routes;
  std::vector<milliseconds> looks;
  std::array<std::array<bool, 2>, nodes> reaches{{{true, true}, {true, true}, {true, true}}};
  std::array<notice_stamps, 2> notices;
  int stamps = 0;
};

TEST(region_agreement, nodes_come_together_where_all_can_be) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    world test(seed);
    for (int change = 0; change < 12; ++change) {
      for (auto& links : test.reaches)
        links[test.chance() % 2] = test.chance() % 3 != 0;
      if (test.chance() % 2 == 0) test.routes[test.chance() % nodes].publish(test.chance() % 2);
      test.pass(milliseconds(test.chance() % 20'000));
      if (!test.all_reach(0) && !test.all_reach(1)) continue;
      test.pass(together_within);
      EXPECT_TRUE(test.together()) << "seed " << seed << ", change " << change;
      for (std::size_t node = 0; node < nodes; ++node)
        EXPECT_TRUE(test.reaches[node][test.routes[node].in_use()]) << "seed " << seed << ", change " << change;
    }
  }
}

TEST(region_agreement, a_node_that_is_elsewhere_knows_that_it_may_be) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    world test(seed);
    test.pass(2 * doubt_time);
    for (int change = 0; change < 12; ++change) {
      for (auto& links : test.reaches)
        links[test.chance() % 2] = test.chance() % 3 != 0;
      if (test.chance() % 2 == 0) test.routes[test.chance() % nodes].publish(test.chance() % 2);
      for (int i = 0; i < 100; ++i) {
        test.pass(step);
        bool all_sure = true;
        for (const region_route& route : test.routes)
          all_sure = all_sure && !route.in_doubt(test.now);
        EXPECT_TRUE(test.together() || !all_sure) << "seed " << seed << ", change " << change << ", step " << i;
      }
    }
  }
}

}  // namespace
}  // namespace mooring::sessiond
