// What Redis clients have written beside their sessions' locks, and who waits for them. Pure.
//
// The locks themselves are lock_table's. These are the values that clients ask for: php-redis's secret in "<key>_LOCK",
// and Cm_RedisSession's hash fields pid, req and wait. All of it belongs to connections and goes with them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "mooring/base/clock.hpp"
#include "sessiond/lock/lock_table.hpp"

namespace mooring::sessiond {

// More sessions than one PHP process ever waits for.
constexpr std::size_t max_waits_per_owner = 16;

struct lock_note {
  owner_id owner = 0;
  std::int64_t process = 0;          // the pid of the connection's peer, 0 when unknown
  std::string secret;                // "host|pid" of both clients
  std::string request;               // Cm_RedisSession's req
  std::optional<steady_time> until;  // when the lock ends by itself
};

class lock_notes {
 public:
  void put(const std::string& key, lock_note note) { held_[key] = std::move(note); }
  // Another owner's note stays.
  void drop(const std::string& key, owner_id owner);
  // Null when no Redis client holds the lock.
  lock_note* find(const std::string& key);

  // The waiters of all owners afterwards. Nothing when this owner waits for too many sessions.
  std::optional<std::int64_t> add_waiting(const std::string& key, owner_id owner, std::int64_t change);

  void forget(owner_id owner);

 private:
  std::unordered_map<std::string, lock_note> held_;
  std::unordered_map<std::string, std::int64_t> waiting_;
  std::unordered_map<owner_id, std::map<std::string, std::int64_t>> waiting_by_owner_;
};

}  // namespace mooring::sessiond
