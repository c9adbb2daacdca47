// Random faults for a simulated node, from a seed: the same seed makes the same story.
#pragma once

#include "region_referee.hpp"
#include "region_world.hpp"

namespace mooring::test {

template <class Value, std::size_t N>
Value one_of(std::minstd_rand& random, const std::array<Value, N>& values) {
  return values[random() % N];
}

inline region_settings random_rules(std::minstd_rand& random) {
  using namespace std::chrono_literals;
  region_settings out;
  out.secondary = "eu-west-1";
  out.fall = one_of(random, std::array<std::int64_t, 3>{2, 3, 4});
  out.min_fail_time = one_of<milliseconds>(random, std::array<milliseconds, 3>{1s, 2s, 5s});
  out.window = one_of(random, std::array<std::int64_t, 3>{4, 10, 20});
  out.rise = one_of(random, std::array<std::int64_t, 3>{2, 3, 5});
  out.min_dwell = one_of<milliseconds>(random, std::array<milliseconds, 3>{0s, 10s, 60s});
  out.failback_hold = one_of<milliseconds>(random, std::array<milliseconds, 3>{0s, 20s, 120s});
  out.failback = random() % 4 == 0 ? "manual" : "auto";
  out.max_moves_per_hour = one_of(random, std::array<std::int64_t, 4>{2, 3, 4, 6});
  return out;
}

inline probe_pace random_pace(std::minstd_rand& random) {
  using namespace std::chrono_literals;
  probe_pace out;
  out.interval = one_of<milliseconds>(random, std::array<milliseconds, 3>{1s, 2s, 5s});
  out.fresh_every = one_of(random, std::array<unsigned, 3>{1, 3, 12});
  out.jitter = true;
  return out;
}

// Which faults a story may have.
struct fault_menu {
  std::vector<weather_kind> of_regions;
  std::vector<weather_kind> of_control;
  bool restarts = true;
  bool pins = true;
  bool drills = true;
  bool bad_memory = false;  // full disk, lost disk, wrong wall clock at a reboot
};

inline fault_menu all_faults() {
  fault_menu out;
  for (const auto& effect : weather_effects)
    out.of_regions.push_back(effect.kind);
  out.of_control = {weather_kind::answers, weather_kind::answers, weather_kind::vanishes, weather_kind::no_route};
  return out;
}

class fault_story {
 public:
  fault_story(std::uint_fast32_t seed, fault_menu menu)
      : random_(seed),
        menu_(std::move(menu)),
        rules_(random_rules(random_)),
        control_is_probed_(random_() % 4 != 0),
        world_(rules_, control_is_probed_, random_pace(random_), seed),
        referee_(rules_, control_is_probed_) {
    world_.on_step = [this](const region_world::seen_step& step) {
      referee_.watch(step, world_.now_ms());
      // Nothing is due any more: the caller's loop comes to rest.
      const auto wakeup = world_.machine().next_wakeup();
      rests_ = rests_ && (!wakeup || *wakeup > step.now.steady);
    };
  }

  void play(int chapters) {
    start();
    for (int i = 0; i < chapters; ++i) {
      happen();
      // Short and long times are equally likely: 0.2 s to 51 s.
      world_.run_until(world_.now_ms() + milliseconds(100 + random_() % 100) * (1 << random_() % 9));
    }
  }

  const region_referee& referee() const { return referee_; }
  region_world& world() { return world_; }
  bool rests() const { return rests_; }

 private:
  void start() {
    referee_.process_started(world_.now_ms(), world_.file());
    world_.start();
  }

  void happen() {
    switch (random_() % 16) {
      case 0:
        return pin();
      case 1:
        return world_.feed(sidecar::unpin_request());
      case 2:
        return restart();
      case 3:
        world_.publishing = static_cast<publication_fate>(random_() % 4);
        return;
      case 4:
      case 5:
        world_.sky = {};
        world_.publishing = publication_fate::works;
        if (!world_.running()) start();
        return;
      case 6:
        return spoil_memory();
      case 7:
        return drill();
      default:
        return change_weather();
    }
  }

  void pin() {
    if (!menu_.pins) return;
    sidecar::pin_request wanted;
    wanted.region = random_() % 2 == 0 ? rules_.primary : rules_.secondary;
    wanted.ttl = milliseconds(1'000) * static_cast<int>(1 + random_() % 60);
    wanted.reason = "test";
    world_.feed(wanted);
  }

  void drill() {
    if (!menu_.drills) return;
    if (random_() % 4 == 0) return world_.feed(sidecar::undrill_request());
    sidecar::drill_request wanted;
    wanted.region = random_() % 3 == 0 ? rules_.secondary : rules_.primary;
    wanted.ttl = milliseconds(1'000) * static_cast<int>(1 + random_() % 60);
    world_.feed(wanted);
  }

  void restart() {
    if (!menu_.restarts) return;
    if (random_() % 3 == 0)
      world_.reboot();
    else
      world_.kill();
    world_.run_until(world_.now_ms() + milliseconds(random_() % 20'000));
    start();
  }

  void spoil_memory() {
    if (!menu_.bad_memory) return;
    referee_.distrust_memory();
    switch (random_() % 3) {
      case 0:
        world_.saving_works = !world_.saving_works;
        return;
      case 1:
        // While the state file survives, nothing that was published is forgotten.
        if (world_.file()) world_.memory() = sidecar::machine_state();
        return;
      default:
        world_.wall_offset += std::chrono::seconds(static_cast<long>(random_() % 200'000) - 100'000);
        return;
    }
  }

  void change_weather() {
    const std::size_t target = random_() % 3;
    const auto& menu = target == region_world::control ? menu_.of_control : menu_.of_regions;
    weather made;
    made.kind = menu[random_() % menu.size()];
    if (random_() % 3 == 0) {
      made.by_chance = true;
      made.of = 10;
      made.strikes = static_cast<unsigned>(1 + random_() % 9);
    }
    world_.sky[target] = made;
  }

  std::minstd_rand random_;
  fault_menu menu_;
  region_settings rules_;
  bool control_is_probed_;
  region_world world_;
  region_referee referee_;
  bool rests_ = true;
};

}  // namespace mooring::test
