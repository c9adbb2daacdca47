#include "ctl/report/session_report.hpp"

#include "ctl/report/rows.hpp"
#include "mooring/aws/dynamo_wire.hpp"
#include "mooring/base/json.hpp"

namespace mooring::ctl {
namespace {

using nlohmann::json;

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
  const std::string when = moment_text(stored.lease_until_ms / ms_per_second, now_of(facts));
  if (lease_holds(facts)) return who + ", until " + when;
  if (stored.lease_until_ms > facts.now_ms) return "free here; " + who + " has one until " + when;
  return "over since " + when + "; " + who + " had it";
}

std::string writing_text(const stored_facts& stored, std::int64_t now) {
  if (!stored.version_seconds) return "which stands for data that the AWS SDK's handler wrote";
  return "written " + moment_text(*stored.version_seconds, now);
}

std::string stored_rows(const session_facts& facts) {
  const stored_facts& stored = *facts.stored;
  const std::int64_t now = now_of(facts);
  const std::string encoding = stored.encoding.empty() ? "as it is" : escaped(stored.encoding);
  std::string out = row("stored", bytes_text(stored.data_bytes) + ", " + encoding + ", in " + facts.region);
  if (stored.version) out += row("version", std::to_string(*stored.version) + ", " + writing_text(stored, now));
  if (stored.expires) out += row("expires", moment_text(*stored.expires, now));
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
  if (stored.expires) out["expires_in_seconds"] = seconds_between(now_of(facts), *stored.expires);
  return out;
}

std::string text_in(const item& from, const std::string& name) {
  const auto found = from.find(name);
  return found == from.end() || found->second.type != attribute::kind::text ? std::string() : found->second.value;
}

}  // namespace

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
  return json_line(out);
}

}  // namespace mooring::ctl
