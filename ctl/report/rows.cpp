#include "ctl/report/rows.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>

namespace mooring::ctl {
namespace {

constexpr std::size_t label_width = 10;

// Smaller units are used up to twice the next one: "90 s", "100 min".
struct time_unit {
  std::int64_t seconds;
  const char* name;
};
constexpr std::array<time_unit, 4> units{{{86'400, "days"}, {3'600, "h"}, {60, "min"}, {1, "s"}}};

// The number itself when it is no time that a calendar knows.
std::string formatted(std::int64_t unix_seconds, const char* format) {
  const auto when = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  if (::gmtime_r(&when, &parts) == nullptr) return std::to_string(unix_seconds);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), format, &parts);
  return std::string(text.data(), length);
}

}  // namespace

std::string row(std::string label, const std::string& value) {
  label.resize(std::max(label_width, label.size() + 1), ' ');
  return label + value + "\n";
}

std::string utc_text(std::int64_t unix_seconds) {
  return formatted(unix_seconds, "%Y-%m-%d %H:%M:%S UTC");
}

std::string iso_text(std::int64_t unix_seconds) {
  return formatted(unix_seconds, "%Y-%m-%dT%H:%M:%SZ");
}

std::string relative_text(std::int64_t seconds_from_now) {
  if (seconds_from_now == 0) return "now";
  const bool ahead = seconds_from_now > 0;
  const std::uint64_t distance =
      ahead ? static_cast<std::uint64_t>(seconds_from_now) : 0 - static_cast<std::uint64_t>(seconds_from_now);
  for (const time_unit& unit : units) {
    const auto size = static_cast<std::uint64_t>(unit.seconds);
    if (distance < 2 * size && size > 1) continue;
    const std::string amount = std::to_string(distance / size) + " " + unit.name;
    return ahead ? "in " + amount : amount + " ago";
  }
  return "now";
}

std::int64_t seconds_between(std::int64_t now, std::int64_t at) {
  std::int64_t out = 0;
  if (!__builtin_sub_overflow(at, now, &out)) return out;
  return at < now ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

std::string moment_text(std::int64_t at, std::int64_t now) {
  return utc_text(at) + " (" + relative_text(seconds_between(now, at)) + ")";
}

std::string escaped(std::string_view bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto code = static_cast<unsigned char>(c);
    const bool plain = (code >= 0x20 && code <= 0x7e && c != '\\') || c == '\n' || c == '\t';
    if (plain)
      out.push_back(c);
    else
      out.append("\\x").append({digits[code >> 4], digits[code & 0xf]});
  }
  return out;
}

}  // namespace mooring::ctl
