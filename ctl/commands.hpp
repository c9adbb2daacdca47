// The commands of mooringctl. Each prints to standard output, and why it failed to standard error, and returns the exit
// code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ctl/session_choice.hpp"
#include "ctl/toolbox.hpp"

namespace mooring::ctl {

// Of the commands that look at something: it is well, or there; it is not; that cannot be told.
inline constexpr int exit_good = 0;
inline constexpr int exit_bad = 1;
inline constexpr int exit_unknown = 2;

// What the two daemons say of themselves. 0: in service; 1: not, or a daemon does not answer.
int status(toolbox& tools);

// Looks at everything a node needs and says what to do about what is wrong. 0: nothing is; 1: something is.
int doctor(toolbox& tools);

// Which region this node uses, and why. 0: nothing is wrong with it; 1: something is; 2: that cannot be told.
int region_status(toolbox& tools, bool json);

struct pin_options {
  std::string region;
  milliseconds time = std::chrono::hours(1);
  std::string reason;
};

// Orders to the sidecar. 0: done; 1: it refuses; 2: it cannot be asked.
int region_pin(toolbox& tools, const pin_options& options);
int region_unpin(toolbox& tools);
int drain(toolbox& tools);
int undrain(toolbox& tools);

struct drill_options {
  std::string region;  // empty: the one in use
  milliseconds time = std::chrono::seconds(30);
  std::int64_t sessions = 20;
  std::int64_t rate = 20;  // requests a second
  bool wait_back = false;
  bool json = false;
  bool yes = false;
  bool end = false;  // only end the drill that runs
};

// Lets a region count as failed on this node for a while, under traffic of its own. 0: nothing failed and nothing was
// lost; 1: something did, or the region was not left; 2: there was no drill.
int drill(toolbox& tools, const drill_options& options);

struct session_options {
  session_words session;
  bool with_data = false;
  bool json = false;
};

// 0: it lives; 1: it does not; 2: that cannot be told.
int session_show(toolbox& tools, const session_options& options);

// 0: it was destroyed; 1: there was none; 2: it may still be there.
int session_destroy(toolbox& tools, const session_options& options);

struct table_create_options {
  std::string replica;  // empty: region.secondary
  bool no_replica = false;
  std::string billing;  // "on-demand", "provisioned", or empty: on demand if it is made, else as it is
  std::int64_t read_units = 0;
  std::int64_t write_units = 0;
  std::int64_t wait_seconds = 900;
};

// Creates the session table in the primary region, with TTL and a replica. 0: it is there and ready; 1: it is not.
int table_create(toolbox& tools, const table_create_options& options);

// Looks at the table in each region. 0: fit for sessions; 1: not; 2: a region cannot be asked.
int table_verify(toolbox& tools, bool json);

}  // namespace mooring::ctl
