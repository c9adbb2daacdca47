// A node in two regions, simulated: the failover machine with a prober, a publisher, a disk and two clocks around it.
//
// Probes go out as the daemon sends them: each target at its own pace, one at a time, at the next interval or at once
// after a slow one, faster and over fresh connections when the machine advises so. Time passes in run_until() only.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "region_weather.hpp"
#include "sidecar/driver/memory_codec.hpp"
#include "sidecar/failover/control_hosts.hpp"
#include "sidecar/failover/failover_machine.hpp"

namespace mooring::test {

enum class publication_fate { works, fails, dies_before_the_file, dies_after_the_file };

struct probe_pace {
  milliseconds interval{2'000};
  milliseconds fast_interval{500};
  unsigned fresh_every = 12;
  bool jitter = false;  // 0.8 to 1.2 times the interval
};

class region_world {
 public:
  // `second_control` is asked when region.control names two hosts.
  enum target : std::size_t { primary, secondary, control, second_control };

  struct seen_step {
    const sidecar::machine_event& event;
    sidecar::moment now;
    const sidecar::machine_actions& actions;
  };

  region_world(region_settings rules, bool control_is_probed, probe_pace pace = {}, std::uint_fast32_t seed = 1)
      : rules_(std::move(rules)), control_is_probed_(control_is_probed), pace_(pace), random_(seed) {}

  std::function<void(const seen_step&)> on_step;
  std::array<weather, 4> sky;
  publication_fate publishing = publication_fate::works;
  bool saving_works = true;
  bool probing = true;
  std::chrono::seconds wall_offset{0};

  region_settings& rules() { return rules_; }
  milliseconds now_ms() const { return now_; }
  bool running() const { return machine_.has_value(); }
  const sidecar::failover_machine& machine() const { return *machine_; }
  std::optional<region_state>& file() { return file_; }
  sidecar::machine_state& memory() { return memory_; }
  std::minstd_rand& random() { return random_; }

  sidecar::moment now() const {
    sidecar::moment out;
    // A steady clock starts anew with each boot, so a later time may be a smaller one.
    out.steady = steady_time() + (boots_ == 1 ? std::chrono::hours(1000) : std::chrono::hours(0)) + now_ - booted_;
    out.wall = wall_time() + std::chrono::hours(24 * 365 * 50) + now_ + wall_offset;
    return out;
  }

  void start() {
    // As the disk has it; what is written has to be read.
    sidecar::machine_state remembered = sidecar::parse_memory(sidecar::encode_memory(memory_)).value();
    machine_.emplace(rules_, control_is_probed_, sidecar::newest_of(std::move(remembered), file_),
                     "boot-" + std::to_string(boots_), now());
    controls_ = sidecar::control_hosts(rules_.control.size() > 1 ? 2 : 1);
    for (prober& p : probers_)
      p = prober(now_);
    feed(sidecar::tick());
  }
  void kill() { machine_.reset(); }
  void reboot() {
    kill();
    file_.reset();
    booted_ = now_;
    ++boots_;
  }

  // Gives the machine an event of now, and carries out what it says.
  void feed(const sidecar::machine_event& event) {
    if (!machine_) return;
    const sidecar::machine_actions actions = machine_->step(event, now());
    if (on_step) on_step(seen_step{event, now(), actions});
    if (actions.save && saving_works) memory_ = *actions.save;
    if (actions.publish) publish(actions.publish->state);
  }

  void run_until(milliseconds when) {
    for (;;) {
      const milliseconds next = next_event();
      if (next > when) break;
      now_ = std::max(now_, next);
      happen();
    }
    now_ = when;
  }

 private:
  struct prober {
    explicit prober(milliseconds first = milliseconds(0)) : next(first) {}

    milliseconds next;  // it begins, or, while one is under way, ends
    bool under_way = false;
    bool fresh = false;
    unsigned runs = 0;
    milliseconds begun{0};
    const weather_effect* met = nullptr;
  };

  static constexpr milliseconds never = milliseconds::max();

  void publish(const region_state& state) {
    if (publishing == publication_fate::fails) {
      sidecar::publication_failed failed;
      failed.epoch = state.epoch;
      failed.reason = "nginx -t failed";
      return feed(failed);
    }
    if (publishing == publication_fate::dies_before_the_file) return kill();
    file_ = state;
    if (publishing == publication_fate::dies_after_the_file) return kill();
    sidecar::publication_done done;
    done.epoch = state.epoch;
    feed(done);
  }

  bool is_probed(std::size_t which) const {
    if (which == secondary) return !rules_.secondary.empty();
    if (which == second_control) return control_is_probed_ && rules_.control.size() > 1;
    return which == primary || control_is_probed_;
  }

  milliseconds next_event() const {
    if (!machine_) return never;
    milliseconds out = never;
    if (const auto wakeup = machine_->next_wakeup())
      out = now_ + std::max(milliseconds(0), std::chrono::ceil<milliseconds>(*wakeup - now().steady));
    for (std::size_t i = 0; probing && i < probers_.size(); ++i)
      if (is_probed(i)) out = std::min(out, probers_[i].next);
    return out;
  }

  void happen() {
    if (const auto wakeup = machine_->next_wakeup(); wakeup && *wakeup <= now().steady) return feed(sidecar::tick());
    for (std::size_t i = 0; i < probers_.size(); ++i) {
      if (!is_probed(i) || probers_[i].next > now_) continue;
      return probers_[i].under_way ? end(i) : begin(i);
    }
  }

  sidecar::probe_advice advice(std::size_t which) const {
    return machine_->advice(which == secondary ? sidecar::region_rank::secondary : sidecar::region_rank::primary);
  }

  void begin(std::size_t which) {
    prober& p = probers_[which];
    const unsigned every = advice(which).alternate_fresh ? 2 : pace_.fresh_every;
    p.fresh = ++p.runs % every == 0;
    p.met = &sky[which].meet(p.runs, p.fresh, random_);
    p.begun = now_;
    p.under_way = true;
    p.next = now_ + p.met->latency;
  }

  void end(std::size_t which) {
    prober& p = probers_[which];
    p.under_way = false;
    const steady_time begun = now().steady - (now_ - p.begun);
    const std::string reason(p.met->reason);
    if (which >= control) {
      sidecar::control_outcome seen;
      seen.ok = p.met->found == sidecar::failure_class::none;
      seen.begun = begun;
      seen.reason = reason;
      if (const auto merged = controls_.record(which - control, seen)) feed(*merged);
    } else {
      sidecar::probe_outcome seen;
      seen.region = which == primary ? sidecar::region_rank::primary : sidecar::region_rank::secondary;
      seen.found = p.met->found;
      seen.connection = p.fresh ? sidecar::connection_kind::fresh : sidecar::connection_kind::kept_alive;
      seen.begun = begun;
      seen.reason = reason;
      feed(seen);
    }
    if (!machine_) return;
    const milliseconds pause = advice(which).fast ? pace_.fast_interval : pace_.interval;
    const auto thousandths = pace_.jitter ? 800 + static_cast<int>(random_() % 401) : 1000;
    p.next = std::max(now_, p.begun + pause * thousandths / 1000);
  }

  region_settings rules_;
  bool control_is_probed_;
  probe_pace pace_;
  std::minstd_rand random_;
  milliseconds now_{0};
  int boots_ = 1;
  milliseconds booted_{0};
  std::optional<sidecar::failover_machine> machine_;
  sidecar::control_hosts controls_{1};
  std::array<prober, 4> probers_;
  sidecar::machine_state memory_;     // on disk
  std::optional<region_state> file_;  // in /run
};

}  // namespace mooring::test
