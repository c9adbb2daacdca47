#include "status_board.hpp"

#include <utility>

namespace mooring::sidecar {

std::size_t status_board::add(std::string name, std::string component_type, on_failure consequence) {
  check_report& made = checks_.emplace_back();
  made.standing.name = std::move(name);
  made.standing.consequence = consequence;
  made.component_type = std::move(component_type);
  judge_again();
  return checks_.size() - 1;
}

void status_board::record(std::size_t check, const outcome& found, check_state state, wall_time now) {
  check_report& report = checks_.at(check);
  if (report.standing.state != state) report.since = now;
  report.standing.state = state;
  if (!found.ok()) {
    report.standing.last_failure = found.reason();
    report.standing.overloaded = found.why() == failure_class::overload;
  }
  report.last = found;
  report.last_run = now;
}

void status_board::set_consequence(std::size_t check, on_failure consequence) {
  checks_.at(check).standing.consequence = consequence;
}

bool status_board::judge_again() {
  std::vector<check_standing> standings;
  standings.reserve(checks_.size());
  for (const check_report& c : checks_)
    standings.push_back(c.standing);
  const verdict_kind before = current_.kind;
  current_ = judge(standings, draining_);
  return current_.kind != before;
}

}  // namespace mooring::sidecar
