// What the checks that send HTTP requests have in common.
#pragma once

#include "mooring/base/clock.hpp"
#include "mooring/base/error.hpp"
#include "sidecar/health/outcome.hpp"

namespace mooring::sidecar {

// A request ends so long before its check's deadline: then the scheduler gives up, and nobody hears what was wrong.
constexpr milliseconds time_to_tell{20};

failure_class class_of_failed_request(errc code);

}  // namespace mooring::sidecar
