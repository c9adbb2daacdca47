// What the control probe has told: whether this node's own network may be blamed.
//
// One failure is enough to doubt the network, as nothing worse follows from it than that no region is left for now; the
// doubt ends with two successes in a row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "probe_outcome.hpp"

namespace mooring::sidecar {

constexpr std::int64_t successes_to_trust_control = 2;

class control_watch {
 public:
  // Without a control probe the healthy answers of the other region vouch for the network alone.
  explicit control_watch(bool probed) : probed_(probed) {}

  void record(const control_outcome& seen) {
    if (!seen.ok) {
      failing_ = true;
      successes_ = 0;
      last_failure_ = seen.reason;
      return;
    }
    answered_ = seen.begun;
    if (++successes_ >= successes_to_trust_control) failing_ = false;
  }

  bool failing() const { return failing_; }
  bool in_doubt() const { return probed_ && (failing_ || !answered_); }
  bool answered_since(steady_time since) const { return !probed_ || (answered_ && *answered_ >= since); }
  const std::string& last_failure() const { return last_failure_; }

 private:
  bool probed_;
  bool failing_ = false;
  std::int64_t successes_ = 0;
  std::optional<steady_time> answered_;
  std::string last_failure_;
};

}  // namespace mooring::sidecar
