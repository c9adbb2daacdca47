// Sessions as Redis clients use them, on top of session_service, whose promises hold here too.
//
// Redis clients send no tokens, so what a connection has read is remembered for it: a save is on condition that the
// version it was given is still the stored one. Of a session that it has not read, the last writer wins as in Redis;
// but no save goes past a lock that another connection holds.
// A save under a lock (redis_locks.hpp) stores and releases, in one round trip; the next in the queue goes on while the
// client still asks for the release. Saving once more is refused if somebody else has stored meanwhile.
// Commands of one connection run one after the other; between begin() and end() its locks do not expire and nobody
// breaks them. Whoever ends a connection calls forget(); its locks are session_service's to release. Errors are those
// of session_service, and of a barred session why it is barred.
#pragma once

#include <optional>
#include <string>

#include "sessiond/redis/client_views.hpp"
#include "sessiond/redis/redis_locks.hpp"
#include "sessiond/session/session_service.hpp"

namespace mooring::sessiond {

class redis_sessions {
 public:
  redis_sessions(session_service& sessions, const clock& time, const asio::any_io_executor& executor)
      : sessions_(sessions), locks_(sessions, views_, time, executor) {}

  void begin(client& who) { views_.of(who).busy = true; }
  void end(client& who) { views_.of(who).busy = false; }
  void forget(client& who);
  // Releases what the connection holds, and forgets what it has read.
  task<void> start_anew(client& who);
  std::int64_t now() const { return sessions_.now(); }
  result<std::string> key_of(std::string_view name, std::string_view id) const { return sessions_.key_of(name, id); }

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

  bool holds(client& who, const std::string& key) { return views_.has_locked(who, key); }
  // Null when the connection has not read the session.
  session_view* view_of(client& who, const std::string& key) { return views_.view_of(who, key); }
  redis_locks& locks() { return locks_; }
  bool expects_release(const client& who) const { return locks_.expects_release(who); }

 private:
  task<result<bool>> extend(client& who, std::string key, std::string token, std::int64_t expires, std::int64_t ttl);
  task<result<void>> save_seen(client& who, std::string key, session_view& view, std::int64_t ttl, std::string data);
  task<result<void>> save_again(client& who, std::string key, std::string digest, std::int64_t ttl, std::string data);
  task<result<void>> save_unseen(client& who, std::string key, std::int64_t ttl, std::string data);

  session_service& sessions_;
  client_views views_;
  redis_locks locks_;
};

}  // namespace mooring::sessiond
