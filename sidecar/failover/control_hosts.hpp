// Several control hosts as one control probe: it answers when any of them does, and fails while all of them do.
//
// Each host is asked on a timer of its own, so that one whose answers are waited for delays no other. A host counts by
// its last answer; one that has not been asked to the end yet has not failed. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "probe_outcome.hpp"

namespace mooring::sidecar {

class control_hosts {
 public:
  explicit control_hosts(std::size_t count) : failed_(count, false) {}

  // What the machine has to hear when `host` was asked; nothing for the failure of one among others.
  std::optional<control_outcome> record(std::size_t host, const control_outcome& seen) {
    failed_.at(host) = !seen.ok;
    const bool all_failed = std::all_of(failed_.begin(), failed_.end(), [](bool failed) { return failed; });
    if (seen.ok || all_failed) return seen;
    return std::nullopt;
  }

 private:
  std::vector<bool> failed_;
};

}  // namespace mooring::sidecar
