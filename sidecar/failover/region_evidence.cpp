#include "region_evidence.hpp"

namespace mooring::sidecar {
namespace {

// Tenths of a second are as much as anybody wants to know about an outage.
std::string readable(steady_time::duration span) {
  const auto tenths = std::chrono::duration_cast<milliseconds>(span).count() / 100;
  std::string out = std::to_string(tenths / 10);
  if (tenths % 10 != 0) out += "." + std::to_string(tenths % 10);
  return out + "s";
}

std::string count_and_span(const failure_series& series) {
  if (series.count() == 1) return "1 failure";
  return std::to_string(series.count()) + " failures in a row over " + readable(series.span());
}

}  // namespace

void region_evidence::record(const probe_outcome& seen, steady_time now) {
  if (seen.begun < counts_from_) return;
  last_ = seen.found;
  if (seen.found != failure_class::none) {
    last_failure_class_ = seen.found;
    last_failure_ = seen.reason;
  }
  switch (seen.found) {
    case failure_class::none:
      return succeed(seen, now);
    case failure_class::down:
    case failure_class::timed_out:
      return fail(seen, now);
    case failure_class::no_network:
      return interrupt_successes();
    case failure_class::overload:
    case failure_class::configuration:
    case failure_class::clock:
    case failure_class::read_only:
    case failure_class::bad_answer:
      return refuse(seen, now);
  }
}

void region_evidence::succeed(const probe_outcome& seen, steady_time now) {
  all_.clear();
  if (seen.connection == connection_kind::fresh) {
    fresh_.clear();
    takes_new_connections_ = true;
  }
  window_.record(false, seen.begun, now);
  refusals_ = 0;
  answered_ = seen.begun;
  if (++successes_ == rise_) well_since_ = now;
  const bool risen = health_ == region_health::unknown || successes_ >= rise_;
  if (health_ == region_health::up || !risen || !fresh_.empty()) return;
  health_ = region_health::up;
  // What was overcome must not weigh on the next failure.
  window_.clear();
}

void region_evidence::fail(const probe_outcome& seen, steady_time now) {
  interrupt_successes();
  refusals_ = 0;
  all_.fail(seen.begun, now);
  if (seen.connection == connection_kind::fresh) {
    fresh_.fail(seen.begun, now);
    takes_new_connections_ = false;
  }
  window_.record(true, seen.begun, now);
  last_failure_begun_ = seen.begun;
  const bool in_a_row = all_.reaches(fall_, min_fail_time_);
  const bool in_a_row_fresh = fresh_.reaches(fall_, min_fail_time_);
  const bool half = window_.half_failed(min_fail_time_);
  basis_ = in_a_row ? basis::in_a_row : in_a_row_fresh ? basis::in_a_row_fresh : half ? basis::window : basis::in_a_row;
  basis_series_ = basis_ == basis::in_a_row_fresh ? fresh_ : all_;
  basis_in_window_ = window_.failures();
  if (in_a_row || in_a_row_fresh || half)
    health_ = region_health::down;
  else if (health_ != region_health::down)
    health_ = region_health::suspect;
}

void region_evidence::refuse(const probe_outcome& seen, steady_time now) {
  interrupt_successes();
  all_.clear();
  if (seen.connection == connection_kind::fresh) fresh_.clear();
  window_.record(false, seen.begun, now);
  ++refusals_;
  const bool was_well = health_ == region_health::up || health_ == region_health::unknown;
  const bool was_suspect = health_ == region_health::suspect && refusals_ >= rise_ && fresh_.empty();
  if (was_well || was_suspect) health_ = region_health::refusing;
}

void region_evidence::interrupt_successes() {
  successes_ = 0;
  well_since_.reset();
}

void region_evidence::forget(steady_time now) {
  health_ = region_health::unknown;
  all_.clear();
  fresh_.clear();
  takes_new_connections_ = false;
  window_.clear();
  interrupt_successes();
  refusals_ = 0;
  answered_.reset();
  last_ = failure_class::none;
  counts_from_ = now;
}

bool region_evidence::in_doubt() const {
  switch (health_) {
    case region_health::unknown:
    case region_health::suspect:
      return true;
    case region_health::up:
      return last_ != failure_class::none;
    case region_health::down:
    case region_health::refusing:
      return successes_ > 0;
  }
  return true;
}

std::string region_evidence::grounds() const {
  if (basis_ == basis::window)
    return std::to_string(basis_in_window_) + " of the last " + std::to_string(window_.size()) +
           " probes failed, the last: " + last_failure_;
  const bool one = basis_series_.count() == 1;
  return count_and_span(basis_series_) + (basis_ == basis::in_a_row_fresh ? " on fresh connections" : "") +
         (one ? ": " : ", the last: ") + last_failure_;
}

}  // namespace mooring::sidecar
