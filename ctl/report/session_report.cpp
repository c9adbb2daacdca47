#include "ctl/report/session_report.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

#include "mooring/aws/dynamo_wire.hpp"

namespace mooring::ctl {
namespace {

using nlohmann::json;

constexpr std::size_t label_width = 10;
constexpr std::int64_t ms_per_second = 1000;

// Smaller units are used up to twice the next one: "90 s", "100 min".
struct time_unit {
  std::int64_t seconds;
  const char* name;
};
constexpr std::array<time_unit, 4> units{{{86'400, "days"}, {3'600, "h"}, {60, "min"}, {1, "s"}}};

std::string row(std::string label, const std::string& value) {
  label.resize(label_width, ' ');
  return label + value + "\n";
}

// Numbers come from the table, where anything may stand.
std::int64_t difference(std::int64_t at, std::int64_t now) {
  std::int64_t out = 0;
  if (!__builtin_sub_overflow(at, now, &out)) return out;
  return at < now ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

std::string moment(std::int64_t at, std::int64_t now) {
  return utc_text(at) + " (" + relative_text(difference(at, now)) + ")";
}

// The number itself when it is no time that a calendar knows.
std::string formatted(std::int64_t unix_seconds, const char* format) {
  const auto when = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  if (::gmtime_r(&when, &parts) == nullptr) return std::to_string(unix_seconds);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), format, &parts);
  return std::string(text.data(), length);
}

std::string bytes_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::int64_t now_of(const session_facts& facts) {
  return facts.now_ms / ms_per_second;
}

using sessiond::lease_holder;

// A lease that was taken in another region means nothing in this one.
bool lease_holds(const session_facts& facts) {
  const stored_facts& stored = *facts.stored;
  const bool counts = stored.lease_holder == lease_holder::this_node || stored.lease_holder == lease_holder::other_node;
  return counts && stored.lease_until_ms > facts.now_ms;
}

std::string holder_text(const stored_facts& stored) {
  if (stored.lease_holder == lease_holder::this_node) return "this node";
  const std::string who = ", " + escaped(stored.lease_owner);
  return (stored.lease_holder == lease_holder::other_node ? "another node" : "a node in another region") + who;
}

std::string lease_text(const session_facts& facts) {
  const stored_facts& stored = *facts.stored;
  if (stored.lease_holder == lease_holder::nobody) return "nobody has it";
  const std::string who = holder_text(stored);
  const std::string when = moment(stored.lease_until_ms / ms_per_second, now_of(facts));
  if (lease_holds(facts)) return who + ", until " + when;
  if (stored.lease_until_ms > facts.now_ms) return "free here; " + who + " has one until " + when;
  return "over since " + when + "; " + who + " had it";
}

std::string writing_text(const stored_facts& stored, std::int64_t now) {
  if (!stored.version_seconds) return "which stands for data that the AWS SDK's handler wrote";
  return "written " + moment(*stored.version_seconds, now);
}

std::string stored_rows(const session_facts& facts) {
  const stored_facts& stored = *facts.stored;
  const std::int64_t now = now_of(facts);
  const std::string encoding = stored.encoding.empty() ? "as it is" : escaped(stored.encoding);
  std::string out = row("stored", bytes_text(stored.data_bytes) + ", " + encoding + ", in " + facts.region);
  if (stored.version) out += row("version", std::to_string(*stored.version) + ", " + writing_text(stored, now));
  if (stored.expires) out += row("expires", moment(*stored.expires, now));
  out += row("lease", lease_text(facts));
  if (stored.other_program_has_lock) out += row("lock", "a handler of the AWS SDK has it");
  return out;
}

std::string state_text(const session_facts& facts) {
  if (facts.live) return "live";
  return facts.stored ? "none that lives; the table still has what is left of it" : "none";
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

std::string iso_text(std::int64_t unix_seconds) {
  return formatted(unix_seconds, "%Y-%m-%dT%H:%M:%SZ");
}

std::string name_of(lease_holder holder) {
  if (holder == lease_holder::this_node) return "this node";
  return holder == lease_holder::other_node ? "other node" : "other region";
}

json lease_json(const session_facts& facts) {
  const stored_facts& stored = *facts.stored;
  if (stored.lease_holder == lease_holder::nobody) return json();
  return json{{"owner", stored.lease_owner},
              {"holder", name_of(stored.lease_holder)},
              {"held", lease_holds(facts)},
              {"until_ms", stored.lease_until_ms},
              {"until", iso_text(stored.lease_until_ms / ms_per_second)}};
}

// A version has more digits than JavaScript's numbers, so it is text.
json stored_json(const session_facts& facts) {
  const stored_facts& stored = *facts.stored;
  json out{{"region", facts.region}, {"data_bytes", stored.data_bytes}, {"lease", lease_json(facts)}};
  out["other_program_has_lock"] = stored.other_program_has_lock;
  out["encoding"] = stored.encoding.empty() ? json() : json(stored.encoding);
  out["version"] = stored.version ? json(std::to_string(*stored.version)) : json();
  out["written"] = stored.version_seconds ? json(iso_text(*stored.version_seconds)) : json();
  out["expires"] = or_null(stored.expires);
  if (stored.expires) out["expires_at"] = iso_text(*stored.expires);
  if (stored.expires) out["expires_in_seconds"] = difference(*stored.expires, now_of(facts));
  return out;
}

std::string text_in(const item& from, const std::string& name) {
  const auto found = from.find(name);
  return found == from.end() || found->second.type != attribute::kind::text ? std::string() : found->second.value;
}

}  // namespace

std::string utc_text(std::int64_t unix_seconds) {
  return formatted(unix_seconds, "%Y-%m-%d %H:%M:%S UTC");
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

stored_facts facts_in(const item& stored, const item_names& names) {
  stored_facts out;
  if (const auto data = stored.find(names.data); data != stored.end()) out.data_bytes = data->second.value.size();
  out.encoding = text_in(stored, "enc");
  out.expires = number_in(stored, names.expires);
  out.lease_owner = text_in(stored, "lock_owner");
  out.lease_until_ms = number_in(stored, "lock_until").value_or(0);
  return out;
}

std::string text_of(const session_facts& facts, bool with_data) {
  std::string out = row("session", state_text(facts)) + row("key", facts.key);
  if (facts.data) out += row("data", bytes_text(facts.data->size()));
  if (facts.stored) out += stored_rows(facts);
  if (!facts.not_known_because.empty())
    out += row("not known", "version, expiry, encoding and lease: " + facts.not_known_because);
  else if (facts.live && !facts.stored)
    out += row("stored", "not in the table of " + facts.region + " yet");
  if (with_data && facts.data) out += "\n" + escaped(*facts.data) + "\n";
  return out;
}

std::string json_of(const session_facts& facts, bool with_data) {
  json out{{"key", facts.key}, {"live", facts.live}};
  out["data_bytes"] = facts.data ? json(facts.data->size()) : json();
  out["stored"] = facts.stored ? stored_json(facts) : json();
  if (!facts.not_known_because.empty()) out["not_known_because"] = facts.not_known_because;
  if (with_data) out["data_base64"] = facts.data ? json(base64_encode(*facts.data)) : json();
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace mooring::ctl
