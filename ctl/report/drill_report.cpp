#include "ctl/report/drill_report.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "ctl/report/rows.hpp"
#include "mooring/base/json.hpp"

namespace mooring::ctl {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

constexpr std::array<const char*, drill_phases> phase_names{"before", "during", "after"};

std::string fixed(double value, int digits) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

std::string seconds_text(milliseconds time) {
  return fixed(static_cast<double>(time.count()) / 1000, 1) + " s";
}

double in_ms(microseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

std::string ms_text(const std::optional<microseconds>& time) {
  return time ? fixed(in_ms(*time), 1) : "-";
}

std::size_t slow_of(const phase_tally& phase) {
  return static_cast<std::size_t>(
      std::count_if(phase.times.begin(), phase.times.end(), [](microseconds time) { return time > slow_request; }));
}

std::string count_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string drill_text(const drill_facts& facts) {
  std::string out = facts.region + " counted as failed for " + seconds_text(facts.lasted);
  if (!facts.ended_because.empty()) out += " of " + seconds_text(facts.asked) + ": " + escaped(facts.ended_because);
  return out;
}

std::string switch_text(const drill_facts& facts) {
  if (!facts.was_in_use) return "nothing to move: " + facts.other + " was in use";
  if (!facts.switched) return "not at all";
  std::string out = "to " + facts.other + " after " + seconds_text(*facts.switched);
  out += facts.followed ? ", sessiond after " + seconds_text(*facts.followed) : ", sessiond not";
  return out;
}

std::string back_text(const drill_facts& facts) {
  if (!facts.was_in_use) return facts.other + " was in use all the time";
  if (facts.back) return facts.region + " is used again, " + seconds_text(*facts.back) + " after the drill";
  return "not yet: " + facts.way_back;
}

std::string table_line(const std::array<std::string, 7>& cells) {
  std::ostringstream out;
  out << std::left << std::setw(10) << cells[0] << std::right;
  for (std::size_t i = 1; i < cells.size(); ++i)
    out << std::setw(i < 4 ? 10 : 12) << cells[i];
  return out.str() + "\n";
}

std::string phase_line(const char* name, const phase_tally& phase) {
  return table_line({name, std::to_string(phase.times.size()), std::to_string(phase.failed),
                     std::to_string(slow_of(phase)), ms_text(percentile(phase.times, 0.5)),
                     ms_text(percentile(phase.times, 0.99)), ms_text(percentile(phase.times, 1))});
}

json ms_json(const std::optional<microseconds>& time) {
  return time ? json(in_ms(*time)) : json();
}

json seconds_json(const std::optional<milliseconds>& time) {
  return time ? json(static_cast<double>(time->count()) / 1000) : json();
}

json phase_json(const phase_tally& phase) {
  return json{{"requests", phase.times.size()},
              {"failed", phase.failed},
              {"slow", slow_of(phase)},
              {"p50_ms", ms_json(percentile(phase.times, 0.5))},
              {"p99_ms", ms_json(percentile(phase.times, 0.99))},
              {"slowest_ms", ms_json(percentile(phase.times, 1))}};
}

}  // namespace

std::optional<microseconds> percentile(std::vector<microseconds> times, double share) {
  if (times.empty()) return std::nullopt;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(times.size())));
  const auto place = times.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, times.size()) - 1);
  std::nth_element(times.begin(), place, times.end());
  return *place;
}

std::vector<std::string> broken_limits(const drill_facts& facts) {
  std::vector<std::string> out;
  std::size_t failed = 0;
  for (const phase_tally& phase : facts.phases)
    failed += phase.failed;
  if (failed > 0) out.push_back(count_of(failed, "request") + " failed");
  if (facts.lost > 0) out.push_back(count_of(facts.lost, "session") + " lost what was acknowledged");
  if (facts.checked < facts.sessions)
    out.push_back(count_of(facts.sessions - facts.checked, "session") + " could not be looked at in the end");
  if (facts.interrupted) out.emplace_back("the drill was interrupted");
  if (!facts.ended_because.empty() && !facts.interrupted)
    out.push_back("the drill ended before its time: " + facts.ended_because);
  if (facts.was_in_use && !facts.switched && !facts.interrupted)
    out.push_back(facts.other + " was not published while " + facts.region + " counted as failed");
  if (facts.switched && !facts.followed) out.push_back("sessiond did not follow to " + facts.other);
  if (facts.waited_for_way_back && !facts.back) out.push_back(facts.region + " was not used again");
  return out;
}

std::string text_of(const drill_facts& facts) {
  std::string out = row("drill", drill_text(facts));
  out += row("detected", facts.detected ? "after " + seconds_text(*facts.detected) : "not at all");
  out += row("switched", switch_text(facts));
  out += table_line({"", "requests", "failed", "slow", "p50 ms", "p99 ms", "slowest ms"});
  for (std::size_t i = 0; i < drill_phases; ++i)
    out += phase_line(phase_names[i], facts.phases[i]);
  out += row("sessions", std::to_string(facts.sessions) + " made, " + std::to_string(facts.checked) + " checked, " +
                             std::to_string(facts.lost) + " lost");
  if (facts.left > 0)
    out += row("left", count_of(facts.left, "session") + " could not be removed; they expire by themselves");
  out += row("back", back_text(facts));
  for (const std::string& example : facts.examples)
    out += row("example", escaped(example));
  const auto broken = broken_limits(facts);
  for (const std::string& limit : broken)
    out += row("FAIL", escaped(limit));
  if (broken.empty()) out += row("ok", "nothing failed, nothing was lost");
  return out;
}

std::string json_of(const drill_facts& facts) {
  json out{{"region", facts.region},
           {"other_region", facts.other},
           {"was_in_use", facts.was_in_use},
           {"lasted_seconds", seconds_json(facts.lasted)},
           {"detected_after_seconds", seconds_json(facts.detected)},
           {"switched_after_seconds", seconds_json(facts.switched)},
           {"sessiond_followed_after_seconds", seconds_json(facts.followed)},
           {"sessions", facts.sessions},
           {"sessions_checked", facts.checked},
           {"sessions_lost", facts.lost},
           {"sessions_left", facts.left},
           {"interrupted", facts.interrupted},
           {"back_after_seconds", seconds_json(facts.back)},
           {"examples", facts.examples},
           {"broken_limits", broken_limits(facts)}};
  out["ended_because"] = facts.ended_because.empty() ? json() : json(facts.ended_because);
  for (std::size_t i = 0; i < drill_phases; ++i)
    out["requests"][phase_names[i]] = phase_json(facts.phases[i]);
  return json_line(out);
}

}  // namespace mooring::ctl
