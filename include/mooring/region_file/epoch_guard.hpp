// What a reader of the region's state believes: nothing that is older than what it has seen.
//
//   epoch_guard guard;
//   const auto seen = guard.admit(state);
//   if (seen && *seen == epoch_guard::newer) follow(state);
//
// A refusal leaves the reader with what it had. An old file in the place of a new one is a backup that was copied back,
// or a sidecar that lost its memory; the same epoch with other content is a second writer.
//
// After a reboot /run is empty and no reader remembers anything: the first state counts, whatever its epoch. The
// sidecar keeps its epoch on disk, so epochs go on. If that disk and the state file are both lost while a reader lives,
// the new epochs begin at 1 and the reader refuses them until they pass the one it knows; it has to be restarted.
#pragma once

#include <optional>

#include "mooring/base/error.hpp"
#include "mooring/region_file/region_state.hpp"

namespace mooring {

class epoch_guard {
 public:
  enum verdict {
    newer,     // follow it
    repeated,  // known already, nothing to do
  };

  // errc::stale for an older epoch, errc::bad_data for a known epoch with other content.
  result<verdict> admit(const region_state& state);

  // The newest state that was admitted.
  const std::optional<region_state>& last() const { return last_; }

 private:
  std::optional<region_state> last_;
};

}  // namespace mooring
