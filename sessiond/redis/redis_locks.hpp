// The locks of Redis clients, on top of session_service's.
//
//   event                    the lock                                        what the client was given
//   lock()                   opens the session, in one round trip with       kept for the read that follows
//                            its data
//   a save under it          released with the save (redis_sessions)         a save once more is checked against it
//   unlock(), its secret     released                                        forgotten
//   its life is over         released; not in the middle of a command of     still known, so a late save is refused
//                            its holder, which is asked again in a moment
//   break_lock()             released for whoever waits, unless in use       still known, so a late save is refused
//   lock() fails: an outage  none; the session is barred on this             forgotten
//                            connection until the lock is wanted again
//   the connection ends      session_service's to release                    forgotten
//
// One command of each connection is under way at a time. The views must outlive this object.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "sessiond/redis/client_views.hpp"
#include "sessiond/redis/lock_notes.hpp"
#include "sessiond/session/session_service.hpp"

namespace mooring::sessiond {

struct lock_request {
  std::string key;
  std::string secret;
  lock_kind kind = lock_kind::own_key;
  milliseconds life{0};  // 0: as long as the connection
  std::optional<milliseconds> patience;
};

class redis_locks {
 public:
  redis_locks(session_service& sessions, client_views& views, const clock& time, const asio::any_io_executor& executor)
      : sessions_(sessions), views_(views), time_(time), executor_(executor) {}

  // Whether the store is the reason why a lock was not granted, and not the request or another client.
  static bool is_outage(const error& why);

  // Waits first come first served. False, at once: there is nothing to wait for, as in php-redis's retries of a lock
  // that was refused a moment ago.
  task<result<bool>> lock(client& who, lock_request wanted);
  // False: this connection has no lock with that secret. An error is about the expiry only; the lock is released.
  task<result<bool>> unlock(client& who, std::string key, std::string secret);
  // Takes a lock of lock_kind::hash_field from the connection that holds it, which may not store any more.
  task<result<bool>> take_over(client& who, lock_request wanted);
  // False: there is none, or it is in use.
  bool break_lock(const std::string& key);
  // Makes a lock of this connection end after `life`. False: it has none.
  bool expire_lock(client& who, const std::string& key, milliseconds life);

  // The lock was released in session_service, or is about to be.
  void let_go(client& who, const std::string& key, session_view& view);
  void forget(client& who);

  // What the lock key of the session holds, as this connection is to see it.
  std::optional<std::string> secret_of(client& who, const std::string& key);
  // php-redis releases what was released with its save, too.
  bool expects_release(const client& who) const;
  lock_notes& notes() { return notes_; }

 private:
  bool is_hopeless(client& who, const lock_request& wanted);
  void note_failure(client& who, const lock_request& wanted, const error& why);
  void note_lock(client& who, const lock_request& wanted);
  void start_expiry(client& who, const std::string& key, session_view& view, milliseconds life);
  void on_expiry(owner_id owner, const std::string& key, const std::shared_ptr<asio::steady_timer>& timer);

  session_service& sessions_;
  client_views& views_;
  const clock& time_;
  asio::any_io_executor executor_;
  lock_notes notes_;
};

}  // namespace mooring::sessiond
