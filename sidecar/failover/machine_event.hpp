// What the failover machine hears.
#pragma once

#include <string>
#include <variant>

#include "mooring/region_file/region_state.hpp"
#include "probe_outcome.hpp"

namespace mooring::sidecar {

// Time has come: next_wakeup() is reached.
struct tick {};

// An operator wants `region` in use, whatever its health, for `ttl`.
struct pin_request {
  std::string region;
  milliseconds ttl{0};
  std::string reason;
};
struct unpin_request {};

// An operator wants `region` to count as failed for `ttl`, whatever it answers. The drill ends by itself when its time
// is over, with the process, with a pin, and as soon as the other region or this node's network is in doubt. What it
// told about the region is forgotten then.
struct drill_request {
  std::string region;
  milliseconds ttl{0};
};
struct undrill_request {};

// What became of a publication. Done is what no later start would make good: the file and the hooks. nginx is told at
// each start.
struct publication_done {
  region_epoch epoch = 0;
};
struct publication_failed {
  region_epoch epoch = 0;
  std::string reason;
};

using machine_event = std::variant<tick, probe_outcome, control_outcome, pin_request, unpin_request, drill_request,
                                   undrill_request, publication_done, publication_failed>;

constexpr milliseconds longest_pin = std::chrono::hours(24 * 7);
constexpr std::size_t max_pin_reason_bytes = 200;
// The reason of each failure that is a drill's.
constexpr const char* drill_reason = "drill";

}  // namespace mooring::sidecar
