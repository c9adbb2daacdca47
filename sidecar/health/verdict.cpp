#include "verdict.hpp"

namespace mooring::sidecar {

std::string_view name_of(verdict_kind kind) {
  switch (kind) {
    case verdict_kind::pass:
      return "pass";
    case verdict_kind::warn:
      return "warn";
    case verdict_kind::fail:
      return "fail";
    case verdict_kind::starting:
      return "starting";
    case verdict_kind::draining:
      return "draining";
  }
  return "unknown";
}

bool in_service(verdict_kind kind) {
  return kind == verdict_kind::pass || kind == verdict_kind::warn;
}

verdict judge(const std::vector<check_standing>& checks, bool draining) {
  verdict out;
  bool failing = false;
  bool waiting = false;
  bool warning = false;
  for (const check_standing& c : checks) {
    const bool decides = c.consequence == on_failure::fail && !c.overloaded;
    if (c.state == check_state::down) {
      (decides ? failing : warning) = true;
      out.reasons.push_back(c.name + ": " + c.last_failure);
    } else if (c.state == check_state::unknown) {
      waiting = waiting || decides;
      out.reasons.push_back(c.name + ": not checked yet");
    }
  }
  if (draining)
    out.kind = verdict_kind::draining;
  else if (failing)
    out.kind = verdict_kind::fail;
  else if (waiting)
    out.kind = verdict_kind::starting;
  else
    out.kind = warning ? verdict_kind::warn : verdict_kind::pass;
  return out;
}

}  // namespace mooring::sidecar
