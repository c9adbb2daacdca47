// When to renew credentials, as pure decisions: time and chance are arguments.
//
// Renewal starts 15 minutes before expiry and becomes urgent at 10 minutes; for credentials that live shorter than half
// an hour it starts at half their life, and is urgent in its last third. Expiry is a wall time, because others set it;
// a deadline on the steady clock stands beside it, so that a clock that is set back does not put a renewal off.
#pragma once

#include <optional>

#include "mooring/base/backoff.hpp"
#include "mooring/base/clock.hpp"

namespace mooring {

class refresh_plan {
 public:
  struct moment {
    wall_time wall;
    steady_time steady;
  };

  // New credentials, or the same ones again: a source that has nothing newer yet is asked again soon.
  void renewed(const moment& now, std::optional<wall_time> expires, double random);
  // For credentials that outlive their expiry: when they are near it, it is put off by 15 minutes and 2 to 10 more, so
  // that the next try comes in 2 to 10 minutes. True when that was done.
  bool extended(const moment& now, std::optional<wall_time> expires, double random);
  void failed(const moment& now, double random);

  bool due(const moment& now) const;
  bool urgent(const moment& now) const { return !expires_ ? never_renewed_ : now.wall >= urgent_from_; }
  // From now to the next try, at least `least` and at most `most`.
  milliseconds until_due(const moment& now, milliseconds least, milliseconds most) const;

 private:
  void next_in(const moment& now, milliseconds pause);

  std::optional<wall_time> expires_;
  wall_time urgent_from_;
  moment next_{};
  int failures_ = 0;
  bool never_renewed_ = true;
  bool at_rest_ = false;  // held and without expiry: nothing to do
};

}  // namespace mooring
