#include "mooring/region_file/region_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mooring {
namespace {

template <class Value, std::size_t N>
using name_table = std::array<std::pair<Value, std::string_view>, N>;

constexpr name_table<region_mode, 7> modes{{{region_mode::primary, "primary"},
                                            {region_mode::suspect, "suspect"},
                                            {region_mode::secondary, "secondary"},
                                            {region_mode::recovering, "recovering"},
                                            {region_mode::pinned, "pinned"},
                                            {region_mode::both_down, "both_down"},
                                            {region_mode::frozen, "frozen"}}};

constexpr name_table<region_health, 5> healths{{{region_health::unknown, "unknown"},
                                                {region_health::up, "up"},
                                                {region_health::suspect, "suspect"},
                                                {region_health::down, "down"},
                                                {region_health::refusing, "refusing"}}};

template <class Value, std::size_t N>
std::string_view name_in(const name_table<Value, N>& table, Value wanted) {
  const auto found =
      std::find_if(table.begin(), table.end(), [wanted](const auto& row) { return row.first == wanted; });
  return found == table.end() ? "?" : found->second;
}

template <class Value, std::size_t N>
std::optional<Value> value_in(const name_table<Value, N>& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [name](const auto& row) { return row.second == name; });
  if (found == table.end()) return std::nullopt;
  return found->first;
}

}  // namespace

std::chrono::milliseconds drill_time_left(published_time until, published_time now) {
  return std::clamp(until - now, std::chrono::milliseconds(0), longest_drill);
}

std::string_view name_of(region_mode mode) {
  return name_in(modes, mode);
}

std::string_view name_of(region_health health) {
  return name_in(healths, health);
}

std::optional<region_mode> region_mode_named(std::string_view name) {
  return value_in(modes, name);
}

std::optional<region_health> region_health_named(std::string_view name) {
  return value_in(healths, name);
}

}  // namespace mooring
