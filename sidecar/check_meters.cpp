#include "sidecar/check_meters.hpp"

namespace mooring::sidecar {

check_meters::check_meters(metrics& registry, const status_board& board)
    : registry_(registry),
      verdict_(registry.make_gauge("mooring_sidecar_verdict", "0 pass, 1 warn, 2 fail, 3 starting, 4 draining.")) {
  for (const check_report& report : board.checks()) {
    const metric_labels labels = {{"check", report.standing.name}};
    meters made;
    made.name = report.standing.name;
    made.up = &registry.make_gauge("mooring_sidecar_check_up", "1 while the check is up, after rise and fall.", labels);
    made.duration = &registry.make_histogram("mooring_sidecar_check_duration_seconds", "Time of one run.", labels);
    checks_.push_back(std::move(made));
  }
  show(board.current().kind);
}

void check_meters::record(std::size_t check, const outcome& found, check_state state) {
  meters& m = checks_.at(check);
  m.up->set(state == check_state::up ? 1 : 0);
  m.duration->observe(std::chrono::duration<double>(found.elapsed()).count());
  if (found.ok()) return;
  counter*& failures = m.failures[found.why()];
  if (failures == nullptr)
    failures = &registry_.make_counter("mooring_sidecar_check_failures_total", "Runs that failed, by class of failure.",
                                       {{"check", m.name}, {"class", std::string(name_of(found.why()))}});
  failures->add();
}

void check_meters::show(verdict_kind kind) {
  verdict_.set(static_cast<double>(kind));
}

}  // namespace mooring::sidecar
