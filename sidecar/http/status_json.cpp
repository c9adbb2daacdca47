#include "status_json.hpp"

#include "mooring/base/json.hpp"

namespace mooring::sidecar {
namespace {

using json = nlohmann::ordered_json;

const char* draft_status(verdict_kind kind) {
  if (!in_service(kind)) return "fail";
  return kind == verdict_kind::warn ? "warn" : "pass";
}

const char* draft_status(const check_standing& check) {
  if (check.state == check_state::up) return "pass";
  const bool fails = check.state == check_state::down && check.consequence == on_failure::fail && !check.overloaded;
  return fails ? "fail" : "warn";
}

json check_entry(const check_report& report) {
  const check_standing& standing = report.standing;
  json out;
  out["componentType"] = report.component_type;
  out["status"] = draft_status(standing);
  out["state"] = name_of(standing.state);
  out["onFailure"] = standing.consequence == on_failure::fail ? "fail" : "warn";
  if (report.last_run) {
    out["observedValue"] = static_cast<double>(report.last.elapsed().count()) / 1000.0;
    out["observedUnit"] = "ms";
    out["time"] = iso_time(*report.last_run);
  }
  if (report.since) out["since"] = iso_time(*report.since);
  if (!report.last.ok()) out["lastFailureClass"] = name_of(report.last.why());
  if (standing.state == check_state::down)
    out["output"] = standing.last_failure;
  else if (!report.last.ok())
    out["inDoubt"] = report.last.reason();  // the draft wants no output while the status is pass
  return out;
}

std::string joined(const std::vector<std::string>& reasons) {
  std::string out;
  for (const std::string& reason : reasons)
    out.append(out.empty() ? "" : "; ").append(reason);
  return out;
}

}  // namespace

std::string status_json(const node_status& node) {
  const verdict& current = node.board.current();
  json out;
  out["status"] = draft_status(current.kind);
  out["verdict"] = name_of(current.kind);
  out["version"] = "1";
  out["releaseId"] = node.version;
  out["serviceId"] = node.node;
  out["description"] = "health of this node as its load balancer sees it";
  out["notes"] = json::array({"region " + node.region(), "started " + iso_time(node.started)});
  for (const std::string& note : node.notes())
    out["notes"].push_back(note);
  if (!current.reasons.empty()) out["output"] = joined(current.reasons);
  json checks = json::object();
  for (const check_report& report : node.board.checks())
    checks[report.standing.name + ":responseTime"] = json::array({check_entry(report)});
  out["checks"] = std::move(checks);
  // Reasons quote what servers say, in whatever encoding.
  return json_page(out);
}

}  // namespace mooring::sidecar
