// Sessions as Redis clients use them, on top of session_service, whose promises hold here too.
//
// Redis clients send no tokens, so what a connection has read is remembered for it: a save is on condition that the
// version it was given is still the stored one. Of a session that it has not read, the last writer wins as in Redis;
// but no save goes past a lock that another connection holds.
//   lock     opens the session, in one round trip with its data, which the read that follows gets without another.
//   save     under a lock stores and releases, in one round trip; the next in the queue goes on while the client still
//            asks for the release. Saving once more is refused if somebody else has stored meanwhile.
// Commands of one connection run one after the other; between begin() and end() its locks do not expire and nobody
// breaks them.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <unordered_map>

#include "sessiond/redis/lock_notes.hpp"
#include "sessiond/session/session_service.hpp"

namespace mooring::sessiond {

// A PHP request has one session, two while it regenerates. Of more, the least recently used are forgotten.
constexpr std::size_t max_remembered_sessions = 16;

// Where a client keeps its lock: php-redis in a key of its own, released by a script; Cm_RedisSession in the session.
enum class lock_kind { own_key, hash_field };

struct lock_request {
  std::string key;
  std::string secret;
  lock_kind kind = lock_kind::own_key;
  milliseconds life{0};  // 0: as long as the connection
  std::optional<milliseconds> patience;
};

// What one connection knows of one session.
struct session_view {
  enum class phase {
    seen,
    locked,
    stored,  // by this connection under its lock, which is released already
    barred  // the store could not be asked when the lock was wanted; nothing is read or stored until it is wanted again
  };

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
  std::shared_ptr<asio::steady_timer> expiry;
};

class redis_sessions {
 public:
  redis_sessions(session_service& sessions, const clock& time, const asio::any_io_executor& executor)
      : sessions_(sessions), time_(time), executor_(executor) {}

  void begin(client& who);
  void end(client& who);
  void forget(client& who);
  static bool is_outage(const error& why);
  // Releases what the connection holds, and forgets what it has read.
  task<void> start_anew(client& who);
  // php-redis releases what was released with its save, too.
  bool expects_release(const client& who) const;
  std::int64_t now() const { return sessions_.now(); }
  result<std::string> key_of(std::string_view name, std::string_view id) const { return sessions_.key_of(name, id); }

  // Waits first come first served. False, at once: there is nothing to wait for, as in php-redis's retries of a lock
  // that was refused a moment ago. After an outage the session is barred on this connection.
  task<result<bool>> lock(client& who, lock_request wanted);
  // False: this connection has no lock with that secret. An error is about the expiry only; the lock is released.
  task<result<bool>> unlock(client& who, std::string key, std::string secret);
  // Takes a lock of lock_kind::hash_field from the connection that holds it, which may not store any more.
  task<result<bool>> take_over(client& who, lock_request wanted);
  // Releases it for whoever waits. False: there is none, or it is in use.
  bool break_lock(const std::string& key);
  // Makes a lock of this connection end after `life`. False: it has none.
  bool expire_lock(client& who, const std::string& key, milliseconds life);

  task<result<std::optional<std::string>>> read(client& who, std::string key);
  task<result<void>> save(client& who, std::string key, std::int64_t ttl, std::string data);
  // Only when the session is absent (`wanted` false) or present; false otherwise.
  task<result<bool>> save_if(client& who, std::string key, std::int64_t ttl, std::string data, bool wanted);
  // False: there is no such session. Under a lock in the session itself it is put off to the save or the release.
  task<result<bool>> touch(client& who, std::string key, std::int64_t ttl);
  task<result<bool>> remove(client& who, std::string key);
  task<result<bool>> exists(client& who, std::string key);
  // A read that is not remembered.
  task<result<opened>> look(client& who, std::string key);

  // What the lock key of the session holds, as this connection is to see it.
  std::optional<std::string> secret_of(client& who, const std::string& key);
  bool holds(client& who, const std::string& key);
  // Null when the connection has not read the session.
  session_view* view_of(client& who, const std::string& key);
  lock_notes& notes() { return notes_; }

 private:
  struct refusal {
    std::string key;
    std::string secret;
    steady_time when;
  };
  struct known_client {
    client* who = nullptr;
    bool busy = false;
    std::map<std::string, session_view> views;
    std::optional<refusal> refused;
    std::uint64_t last_use = 0;
  };

  known_client& of(client& who);
  bool is_hopeless(client& who, const known_client& mine, const lock_request& wanted);
  void note_failure(client& who, const lock_request& wanted, const error& why);
  session_view& remember(known_client& mine, const std::string& key);
  void note_lock(client& who, const lock_request& wanted);
  void start_expiry(client& who, const std::string& key, session_view& view, milliseconds life);
  void on_expiry(owner_id owner, const std::string& key, const std::shared_ptr<asio::steady_timer>& timer);
  void let_go(client& who, const std::string& key, session_view& view);
  task<result<bool>> extend(client& who, std::string key, std::string token, std::int64_t expires, std::int64_t ttl);
  task<result<void>> save_seen(client& who, std::string key, session_view& view, std::int64_t ttl, std::string data);
  task<result<void>> save_again(client& who, std::string key, std::string digest, std::int64_t ttl, std::string data);
  task<result<void>> save_unseen(client& who, std::string key, std::int64_t ttl, std::string data);

  session_service& sessions_;
  const clock& time_;
  asio::any_io_executor executor_;
  lock_notes notes_;
  std::unordered_map<owner_id, known_client> clients_;
};

}  // namespace mooring::sessiond
