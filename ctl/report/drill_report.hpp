// What a drill of a region has shown: lines for people, JSON for machines, and which limits were broken. Pure.
//
// A request is what a page does: it opens its session, compares it with what was acknowledged last, and stores it.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"

namespace mooring::ctl {

enum class drill_phase { before, during, after };
constexpr std::size_t drill_phases = 3;

// A request that took longer is told as slow. Failing is what breaks a limit, not this.
constexpr milliseconds slow_request{1'000};
constexpr std::size_t max_examples = 5;

struct phase_tally {
  std::vector<std::chrono::microseconds> times;  // of all requests, failed ones too
  std::size_t failed = 0;
};

struct drill_facts {
  std::string region;      // that counted as failed
  std::string other;       // that had to take over
  bool was_in_use = true;  // it was the active one, so that it had to be left
  milliseconds asked{0};
  milliseconds lasted{0};
  std::string ended_because;             // before its time; empty: at its time
  std::optional<milliseconds> detected;  // from its begin until the state file told that the region is down
  std::optional<milliseconds> switched;  // until it told the other region
  std::optional<milliseconds> followed;  // until sessiond used the other region
  std::array<phase_tally, drill_phases> phases;
  std::vector<std::string> examples;  // of what went wrong, max_examples at most
  std::size_t sessions = 0;
  std::size_t checked = 0;  // in the end
  std::size_t lost = 0;     // sessions that were missing or older than acknowledged, at any time
  std::size_t left = 0;     // sessions that could not be removed
  bool interrupted = false;
  bool waited_for_way_back = false;
  std::optional<milliseconds> back;  // from the drill's end until the region was used again
  std::string way_back;              // while it is not: when it will be
};

// By nearest rank; nothing of no times. `share` is above 0 and at most 1.
std::optional<std::chrono::microseconds> percentile(std::vector<std::chrono::microseconds> times, double share);

// The limits that were broken, as sentences.
std::vector<std::string> broken_limits(const drill_facts& facts);

std::string text_of(const drill_facts& facts);
std::string json_of(const drill_facts& facts);  // one line, without line end

}  // namespace mooring::ctl
