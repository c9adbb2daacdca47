// What each connection of a Redis client knows of the sessions that it has read or locked. Pure.
//
// Redis clients send no tokens, so the version that a connection was given, and the lock that it holds, are remembered
// here for it. Everything belongs to a connection and goes with it (forget()). Of more than max_remembered_sessions the
// least recently used are forgotten; locked ones stay, of which there are at most max_open_sessions.
// Pointers and references to a view are valid until that view is erased or its connection forgotten.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "mooring/base/clock.hpp"
#include "mooring/base/error.hpp"
#include "sessiond/session/client.hpp"

namespace mooring::sessiond {

// A PHP request has one session, two while it regenerates.
constexpr std::size_t max_remembered_sessions = 16;

// Where a client keeps its lock: php-redis in a key of its own, released by a script; Cm_RedisSession in the session.
enum class lock_kind { own_key, hash_field };

// What one connection knows of one session.
struct session_view {
  enum class phase {
    seen,
    locked,
    stored,  // by this connection under its lock, which is released already
    barred  // the store could not be asked when the lock was wanted; nothing is read or stored until it is wanted again
  };

  // The lock is session_service's no longer; what the client was given is still known.
  void unlocked();

  phase at = phase::seen;
  lock_kind kind = lock_kind::own_key;
  std::string token;                  // for the version that the client was given
  std::string lock_token;             // for the lock
  error why;                          // barred
  std::string secret;                 // of the lock, until the client has released it
  std::optional<std::string> unread;  // what was read with the lock
  bool is_unread = false;
  bool exists = false;
  std::int64_t expires = 0;
  std::string digest;               // seen: of the data given; stored: of the data stored
  std::int64_t ttl_at_release = 0;  // 0: the expiry stays
  std::uint64_t used = 0;
  std::shared_ptr<asio::steady_timer> expiry;  // of the lock; redis_locks sets it
};

// A lock that was refused a moment ago.
struct lock_refusal {
  std::string key;
  std::string secret;
  steady_time when;
};

struct known_client {
  client* who = nullptr;
  bool busy = false;  // in the middle of a command
  std::map<std::string, session_view> views;
  std::optional<lock_refusal> refused;
  std::uint64_t last_use = 0;
};

class client_views {
 public:
  known_client& of(client& who);
  // Null when nothing is known of the connection.
  known_client* find(owner_id owner);
  const known_client* find(owner_id owner) const;
  void forget(owner_id owner) { clients_.erase(owner); }

  // Null when the connection has not read the session.
  session_view* view_of(client& who, const std::string& key);
  // The view, which counts as the last used one from here on.
  session_view& remember(client& who, const std::string& key);
  void erase(client& who, const std::string& key) { of(who).views.erase(key); }
  bool has_locked(client& who, const std::string& key);

 private:
  std::unordered_map<owner_id, known_client> clients_;
};

}  // namespace mooring::sessiond
