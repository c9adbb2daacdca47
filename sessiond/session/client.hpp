// One connection, as sessions know it, and what it has open.
//
// The connection owns its client and outlives every command that it sends; commands of one client run one after the
// other. What a task does after the client is gone refers to its id only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "mooring/base/call_budget.hpp"
#include "sessiond/lock/lock_table.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

struct open_session {
  std::string token;
  session_version version = no_version;
  std::int64_t expires = 0;
  std::string digest;  // of the data as read
};

struct client {
  // What a command of this client may take of the store, until `deadline`.
  call_budget budget(steady_time deadline) { return {deadline, &spent_units}; }

  owner_id id = 0;
  std::map<std::string, open_session> open;  // by key; in each the lock is held, unless locking is "none"
  std::function<bool()> gone;                // whether the peer has hung up
  std::int64_t process = 0;                  // the peer's pid, 0 when unknown
  std::optional<milliseconds> patience;      // waits for a lock no longer than that
  double spent_units = 0;                    // capacity units of DynamoDB, for its commands
};

}  // namespace mooring::sessiond
