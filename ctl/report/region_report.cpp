#include "ctl/report/region_report.hpp"

#include "ctl/report/rows.hpp"
#include "mooring/base/json.hpp"

namespace mooring::ctl {
namespace {

using nlohmann::json;

std::int64_t seconds_of(published_time when) {
  return when.time_since_epoch().count() / ms_per_second;
}

std::string when_text(published_time when, const region_facts& facts) {
  return moment_text(seconds_of(when), facts.now_ms / ms_per_second);
}

std::string standing_text(const region_standing& standing, const region_facts& facts) {
  std::string out = std::string(name_of(standing.state)) + " since " + when_text(standing.since, facts);
  if (!standing.reason.empty()) out += ": " + escaped(standing.reason);
  return out;
}

std::string sessiond_text(const region_facts& facts) {
  if (!facts.sessiond) return "not known";
  const followed_facts& used = *facts.sessiond;
  std::string out = "uses " + (used.in_use.empty() ? used.region : used.in_use);
  if (!used.epoch.empty()) out += ", has seen epoch " + used.epoch;
  if (!used.in_use.empty() && used.in_use != used.region)
    out += used.bridging ? "; " + used.region + " fails" : "; other nodes are there, and not in " + used.region;
  return out;
}

json standing_json(const region_standing& standing) {
  json out{{"state", name_of(standing.state)}, {"since", iso_text(seconds_of(standing.since))}};
  out["reason"] = standing.reason.empty() ? json() : json(standing.reason);
  return out;
}

json drill_json(const avoided_region& drilled) {
  return json{{"region", drilled.region}, {"until", iso_text(seconds_of(drilled.until))}};
}

json sessiond_json(const region_facts& facts) {
  if (!facts.sessiond) return json();
  const followed_facts& used = *facts.sessiond;
  return json{{"region", used.region},
              {"epoch", used.epoch.empty() ? json() : json(used.epoch)},
              {"in_use", used.in_use.empty() ? used.region : used.in_use},
              {"bridging", used.bridging}};
}

}  // namespace

std::vector<std::string> warnings_of(const region_facts& facts) {
  std::vector<std::string> out = facts.warnings;
  if (!facts.sidecar_failure.empty()) out.push_back(facts.sidecar_failure);
  if (!facts.sessiond_failure.empty()) out.push_back(facts.sessiond_failure);
  const bool elsewhere = facts.sessiond && facts.sessiond->region != facts.published.active;
  if (elsewhere)
    out.push_back("sessiond follows " + facts.sessiond->region + ", not " + facts.published.active +
                  "; look at its log, and that region.state_file is the same for both daemons");
  return out;
}

std::string text_of(const region_facts& facts) {
  const region_state& state = facts.published;
  std::string out = row("active", state.active);
  out += row("mode", std::string(name_of(state.mode)));
  out += row("epoch", std::to_string(state.epoch));
  out += row("since", when_text(state.since, facts));
  out += row("reason", escaped(state.reason));
  out += row("pin", state.pinned_until ? "until " + when_text(*state.pinned_until, facts) : "none");
  if (state.avoided)
    out += row("drill", state.avoided->region + " counts as failed until " + when_text(state.avoided->until, facts));
  for (const auto& [name, standing] : state.regions)
    out += row(name, standing_text(standing, facts));
  out += row("sessiond", sessiond_text(facts));
  for (const std::string& warning : warnings_of(facts))
    out += row("warning", escaped(warning));
  return out;
}

std::string json_of(const region_facts& facts) {
  const region_state& state = facts.published;
  json out{{"active", state.active},
           {"mode", name_of(state.mode)},
           {"epoch", state.epoch},
           {"since", iso_text(seconds_of(state.since))},
           {"reason", state.reason},
           {"regions", json::object()},
           {"sessiond", sessiond_json(facts)},
           {"warnings", warnings_of(facts)}};
  out["pinned_until"] = state.pinned_until ? json(iso_text(seconds_of(*state.pinned_until))) : json();
  out["drill"] = state.avoided ? drill_json(*state.avoided) : json();
  for (const auto& [name, standing] : state.regions)
    out["regions"][name] = standing_json(standing);
  return json_line(out);
}

}  // namespace mooring::ctl
