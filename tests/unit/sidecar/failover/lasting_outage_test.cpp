// An outage that lasts is left in time, and a region that has recovered is used again: with the default settings, after
// any history, at any moment of the probes' rhythm.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/support/region_faults.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;
using test::one_of;
using test::region_world;
using test::weather;
using test::weather_kind;

// From the moment at which the region fails, not from the moment at which that is noticed.
constexpr milliseconds published_within = 10s;

region_settings default_rules() {
  region_settings out;
  out.secondary = "eu-west-1";
  // So that the history before the outage leaves moves to make.
  out.max_moves_per_hour = 60;
  return out;
}

class node_with_history {
 public:
  explicit node_with_history(std::uint_fast32_t seed)
      : world_(default_rules(), seed % 4 != 0, test::probe_pace{2s, 500ms, 12, true}, seed) {
    world_.on_step = [this](const region_world::seen_step& step) {
      if (!step.actions.publish) return;
      if (active_ != step.actions.publish->state.active) moved_at_ = world_.now_ms();
      active_ = step.actions.publish->state.active;
    };
    world_.start();
  }

  // Faults of all kinds for some minutes, then hours of calm: long enough for every hold.
  void live() {
    for (int i = 0; i < 6; ++i) {
      for (weather& w : world_.sky)
        w = some_weather();
      pass(milliseconds(100 + world_.random()() % 60'000));
    }
    world_.sky = {};
    pass(90min);
  }

  milliseconds pass(milliseconds time) {
    world_.run_until(world_.now_ms() + time);
    return world_.now_ms();
  }

  region_world& world() { return world_; }
  const std::string& active() const { return active_; }
  milliseconds moved_at() const { return moved_at_; }

 private:
  weather some_weather() {
    weather out;
    out.kind = static_cast<weather_kind>(world_.random()() % test::weather_effects.size());
    out.by_chance = true;
    out.of = 4;
    out.strikes = static_cast<unsigned>(world_.random()() % 5);
    return out;
  }

  region_world world_;
  std::string active_;
  milliseconds moved_at_{0};
};

class lasting_outage : public ::testing::TestWithParam<weather_kind> {};

TEST_P(lasting_outage, is_left_within_ten_seconds_and_come_back_from) {
  constexpr std::uint_fast32_t stories = 100;
  milliseconds slowest{0};
  for (std::uint_fast32_t seed = 1; seed <= stories; ++seed) {
    node_with_history node(seed * 7919 + static_cast<std::uint_fast32_t>(GetParam()));
    node.live();
    ASSERT_EQ(node.active(), "us-east-1") << "calm brings the primary back; seed " << seed;
    node.pass(milliseconds(node.world().random()() % 5'000));
    node.world().sky[region_world::primary].kind = GetParam();
    const milliseconds begun = node.world().now_ms();
    node.pass(60s);
    ASSERT_EQ(node.active(), "eu-west-1") << "seed " << seed;
    slowest = std::max(slowest, node.moved_at() - begun);
    node.world().sky = {};
    // The hold, `rise` successes before it, and a fresh connection.
    const milliseconds back_within = 5min + 10 * 2400ms + 12 * 2400ms;
    node.pass(back_within);
    ASSERT_EQ(node.active(), "us-east-1") << "seed " << seed;
  }
  std::cout << "slowest of " << stories << ": " << slowest.count() << " ms after the first packet was lost\n";
  EXPECT_LE(slowest, published_within);
}

INSTANTIATE_TEST_SUITE_P(kinds, lasting_outage,
                         ::testing::Values(weather_kind::vanishes, weather_kind::refuses, weather_kind::errors),
                         [](const auto& kind) { return std::string(test::effect_of(kind.param).name); });

// Kept connections go on working, so the outage begins for this node with the first new connection that fails.
TEST(lasting_outage_of_a_name, is_left_within_ten_seconds_of_the_first_failed_connection) {
  milliseconds slowest{0};
  for (std::uint_fast32_t seed = 1; seed <= 100; ++seed) {
    node_with_history node(seed);
    node.live();
    node.world().sky[region_world::primary].kind = weather_kind::empty_dns;
    while (node.world().machine().mode() == region_mode::primary)
      node.pass(10ms);
    const milliseconds noticed = node.world().now_ms();
    node.pass(60s);
    ASSERT_EQ(node.active(), "eu-west-1") << "seed " << seed;
    slowest = std::max(slowest, node.moved_at() - noticed);
  }
  std::cout << "slowest of 100: " << slowest.count() << " ms after the first failed connection\n";
  EXPECT_LE(slowest, published_within);
}

TEST(short_blip, of_three_seconds_or_one_failed_probe_never_moves) {
  for (const auto kind : {weather_kind::vanishes, weather_kind::refuses, weather_kind::errors, weather_kind::empty_dns})
    for (std::uint_fast32_t seed = 1; seed <= 200; ++seed) {
      node_with_history node(seed);
      node.pass(60s + milliseconds(node.world().random()() % 30'000));
      node.world().sky[region_world::primary].kind = kind;
      node.pass(3s);
      node.world().sky = {};
      node.pass(60s);
      ASSERT_EQ(node.moved_at(), 0ms) << test::effect_of(kind).name << ", seed " << seed;
    }
}

}  // namespace
}  // namespace mooring::sidecar
