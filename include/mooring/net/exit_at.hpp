// The last resort of a process that was told to stop.
#pragma once

#include "mooring/base/clock.hpp"

namespace mooring {

// Ends the process at `when` with that exit code, unless it has ended by then: whatever hangs, the event loop, a
// destructor that joins a thread, or that thread in fsync() on a frozen volume. Nothing is destroyed, and nothing is
// logged, because a log may be what hangs. It cannot be called off.
void exit_at(steady_time when, int exit_code);

}  // namespace mooring
