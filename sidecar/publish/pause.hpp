// A pause that ends early when there is no reason to wait any more.
#pragma once

#include <functional>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring::sidecar {

constexpr milliseconds pause_look_every{100};

// `over` is asked before, and every `pause_look_every`.
task<void> pause_unless(std::function<bool()> over, milliseconds time);

}  // namespace mooring::sidecar
