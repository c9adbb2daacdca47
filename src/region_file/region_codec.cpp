#include "mooring/region_file/region_codec.hpp"

#include "mooring/base/json.hpp"
#include "mooring/base/region_name.hpp"

namespace mooring {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t last_moment_of_year_9999 = 253'402'300'799'999;

error bad(std::string what) {
  return error(errc::bad_data, std::move(what));
}

// Foreign text in a message of one short line.
std::string quoted(const std::string& text) {
  return "\"" + text.substr(0, max_region_name_bytes) + "\"";
}

std::int64_t number(published_time when) {
  return when.time_since_epoch().count();
}

result<std::string> needed_text(const json& from, const char* key) {
  const auto found = from.find(key);
  if (found == from.end() || !found->is_string()) return bad(std::string("\"") + key + "\" is not a text");
  return found->get<std::string>();
}

result<published_time> time_at(const json& from, const char* key) {
  const auto found = from.find(key);
  const bool whole = found != from.end() && found->is_number_unsigned();
  if (!whole || found->get<std::uint64_t>() > std::uint64_t{last_moment_of_year_9999})
    return bad(std::string("\"") + key + "\" is not a time in milliseconds since 1970");
  return published_time(std::chrono::milliseconds(found->get<std::int64_t>()));
}

result<region_epoch> epoch_in(const json& from) {
  const auto found = from.find("epoch");
  // A negative number, a fraction and 1e3 are other types to the parser, and so refused with the texts.
  const bool whole = found != from.end() && found->is_number_unsigned();
  const region_epoch value = whole ? found->get<region_epoch>() : 0;
  if (value == 0 || value > largest_epoch)
    return bad("\"epoch\" is not a whole number from 1 to " + std::to_string(largest_epoch));
  return value;
}

std::string optional_reason(const json& from) {
  const auto found = from.find("reason");
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

result<region_standing> standing_in(const json& from) {
  if (!from.is_object()) return bad("a region's standing is not an object");
  const auto name = needed_text(from, "state");
  if (!name) return name.error();
  const auto health = region_health_named(*name);
  if (!health) return bad("unknown state of a region " + quoted(*name));
  const auto since = time_at(from, "since");
  if (!since) return since.error();
  region_standing out;
  out.state = *health;
  out.since = *since;
  out.reason = optional_reason(from);
  return out;
}

result<std::map<std::string, region_standing>> standings_in(const json& from) {
  const auto found = from.find("regions");
  if (found == from.end() || !found->is_object()) return bad("\"regions\" is not an object");
  if (found->size() > max_regions) return bad("more than " + std::to_string(max_regions) + " regions");
  std::map<std::string, region_standing> out;
  for (const auto& [name, value] : found->items()) {
    if (!is_region_name(name)) return bad(quoted(name) + " is not a region's name");
    const auto standing = standing_in(value);
    if (!standing) return bad(name + ": " + standing.error().detail());
    out.emplace(name, *standing);
  }
  return out;
}

result<avoided_region> avoided_in(const json& from) {
  if (!from.is_object()) return bad("\"avoided\" is not an object");
  const auto name = needed_text(from, "region");
  if (!name) return bad("avoided: " + name.error().detail());
  const auto until = time_at(from, "until");
  if (!until) return bad("avoided: " + until.error().detail());
  avoided_region out;
  out.region = *name;
  out.until = *until;
  return out;
}

// What a writer may get wrong: the types are right by themselves.
result<void> check(const region_state& state) {
  if (state.epoch == 0 || state.epoch > largest_epoch)
    return bad("epoch " + std::to_string(state.epoch) + " is not from 1 to " + std::to_string(largest_epoch));
  if (state.regions.size() > max_regions) return bad("more than " + std::to_string(max_regions) + " regions");
  if (state.regions.count(state.active) == 0)
    return bad("the active region " + quoted(state.active) + " is not listed");
  if (state.avoided && state.regions.count(state.avoided->region) == 0)
    return bad("the avoided region " + quoted(state.avoided->region) + " is not listed");
  const auto in_range = [](published_time when) {
    return number(when) >= 0 && number(when) <= last_moment_of_year_9999;
  };
  bool times_fit = in_range(state.since) && (!state.pinned_until || in_range(*state.pinned_until)) &&
                   (!state.avoided || in_range(state.avoided->until));
  for (const auto& [name, standing] : state.regions) {
    if (!is_region_name(name)) return bad(quoted(name) + " is not a region's name");
    times_fit = times_fit && in_range(standing.since);
  }
  if (!times_fit) return bad("a time is before 1970 or after 9999");
  return {};
}

// Between two letters, so that what was cut reads the same when it is written again.
std::string shortened(const std::string& text) {
  if (text.size() <= max_reason_bytes) return text;
  std::size_t end = max_reason_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

ordered_json standing_json(const region_standing& standing) {
  ordered_json out;
  out["state"] = name_of(standing.state);
  out["since"] = number(standing.since);
  if (!standing.reason.empty()) out["reason"] = shortened(standing.reason);
  return out;
}

}  // namespace

result<std::string> encode(const region_state& state) {
  if (const auto fine = check(state); !fine) return error(errc::invalid_argument, fine.error().detail());
  ordered_json out;
  out["epoch"] = state.epoch;
  out["active"] = state.active;
  out["mode"] = name_of(state.mode);
  out["since"] = number(state.since);
  if (state.pinned_until) out["pinned_until"] = number(*state.pinned_until);
  if (state.avoided) out["avoided"] = {{"region", state.avoided->region}, {"until", number(state.avoided->until)}};
  out["reason"] = shortened(state.reason);
  for (const auto& [name, standing] : state.regions)
    out["regions"][name] = standing_json(standing);
  // Reasons quote foreign bytes.
  return json_page(out);
}

result<region_state> parse_region_state(std::string_view text) {
  if (text.size() > max_region_file_bytes)
    return error(errc::too_large, "larger than " + std::to_string(max_region_file_bytes) + " bytes");
  const json parsed = parse_json(text);
  if (!parsed.is_object()) return bad("not a JSON object");
  const auto epoch = epoch_in(parsed);
  if (!epoch) return epoch.error();
  const auto active = needed_text(parsed, "active");
  if (!active) return active.error();
  const auto mode_name = needed_text(parsed, "mode");
  if (!mode_name) return mode_name.error();
  const auto mode = region_mode_named(*mode_name);
  if (!mode) return bad("unknown mode " + quoted(*mode_name));
  const auto since = time_at(parsed, "since");
  if (!since) return since.error();
  auto regions = standings_in(parsed);
  if (!regions) return regions.error();
  region_state out;
  out.epoch = *epoch;
  out.active = *active;
  out.mode = *mode;
  out.since = *since;
  out.reason = optional_reason(parsed);
  out.regions = std::move(*regions);
  if (parsed.contains("pinned_until")) {
    const auto until = time_at(parsed, "pinned_until");
    if (!until) return until.error();
    out.pinned_until = *until;
  }
  if (const auto avoided = parsed.find("avoided"); avoided != parsed.end()) {
    auto found = avoided_in(*avoided);
    if (!found) return found.error();
    out.avoided = std::move(*found);
  }
  if (const auto fine = check(out); !fine) return fine.error();
  return out;
}

}  // namespace mooring
