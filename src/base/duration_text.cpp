#include "mooring/base/duration_text.hpp"

#include <array>
#include <charconv>

namespace mooring {
namespace {

struct unit {
  std::string_view name;
  std::int64_t in_ms;
};
constexpr std::array<unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::int64_t longest_ms = std::int64_t{1000} * 24 * 3'600'000;

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (ec != std::errc{} || count < 0) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& u : units) {
    if (u.name != name) continue;
    if (count > longest_ms / u.in_ms) return std::nullopt;
    return std::chrono::milliseconds(count * u.in_ms);
  }
  return std::nullopt;
}

std::string format_duration(std::chrono::milliseconds value) {
  for (const auto& u : units) {
    if (value.count() >= u.in_ms && value.count() % u.in_ms == 0)
      return std::to_string(value.count() / u.in_ms).append(u.name);
  }
  return std::to_string(value.count()) + "ms";
}

}  // namespace mooring
