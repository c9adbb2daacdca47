// Who has a session: a queue on this node, and across nodes the lease in the store.
//
// A lock is held by one client at a time, from acquire() or claim() until release() or release_behind(). It is taken in
// two steps, and given back in the opposite order:
//
//   sessions.locking   queue of this node   lease of the store
//   "none"             no                   no; sessions are read at once
//   "node"             yes                  no
//   "cluster"          yes                  yes: taken by the first in the queue, in one round trip with its data
//
// The lease stays while others wait here: each gets the session from memory, without another read. The last one gives
// it back, with its write when it writes. A lease that has been here for longest_tenure goes back in between, so that
// other nodes get a turn. keep_leases() renews the leases of long requests, at most max_renewals at once, each until
// its own end.
//
// In flight at once: one call for each client, one release_behind() for each session, and the renewals. Nothing here
// is cancelled from outside: a wait for the lock ends at sessions.lock_wait (or the client's own patience) and when the
// client hangs up, a call of the store at sessions.deadline. The store, the clock and the settings must outlive this
// object, and this object every task that it has begun.
#pragma once

#include <optional>
#include <string>

#include "mooring/base/log_limiter.hpp"
#include "mooring/settings/settings.hpp"
#include "sessiond/session/client.hpp"
#include "sessiond/session/leases.hpp"
#include "sessiond/session/node_locks.hpp"

namespace mooring::sessiond {

// A write under a lock that is under way.
struct locked_write {
  std::string key;
  lease_after lease = lease_after::not_used;
  steady_time asked;
};

class session_locks {
 public:
  session_locks(session_store& store, const clock& time, const logger& log, const session_settings& config,
                const asio::any_io_executor& executor);

  // Waits for the lock, and gives what is stored. A client may ask again for what it holds. On an error it holds
  // nothing: errc::busy when it was not granted in time, errc::cancelled when the client hung up, or the store's.
  task<result<std::optional<stored_session>>> acquire(client& who, std::string key);

  // The lock for a client that commits what it has opened before, on another connection or another process. Waits only
  // for a release_behind(); errc::stale when somebody else holds the session. Takes no lease: the write will.
  task<result<void>> claim(client& who, std::string key);

  // Gives back what `owner` holds of the session; nothing happens when that is nothing. release_behind() does so behind
  // the client's back, which may end or go on at once; if it asks for this session again it waits in the queue.
  task<void> release(owner_id owner, std::string key, call_budget budget);
  void release_behind(owner_id owner, const std::string& key);

  // What is stored, as far as this node surely knows it: nothing without a lease.
  std::optional<stored_session> known(const std::string& key) const;
  // Around a write of the holder. `written` is what is stored now; without it nothing more is known of the session.
  locked_write begin_write(const std::string& key);
  void end_write(const locked_write& done, std::optional<stored_session> written);
  // The session was removed, and its lease with it.
  void removed(const std::string& key) { leases_.forget(key); }

  // Sessions are in another region from now on; leases count in the region where they were taken.
  void region_changed() { leases_.unsure_of_all(time_.steady()); }

  // Keeps the leases of long requests alive, until stop(), which waits for nothing.
  task<void> keep_leases();
  void stop();

  bool holds(const std::string& key, owner_id owner) const { return queue_.holds(key, owner); }
  std::size_t held() const { return queue_.held(); }
  std::size_t waiting() const { return queue_.waiting(); }

 private:
  using found_session = std::optional<stored_session>;
  bool clustered() const { return config_.locking == "cluster"; }
  steady_time deadline() const { return time_.steady() + config_.deadline; }
  steady_time give_up_time(const client& who) const;
  task<result<found_session>> lease_and_read(client& who, const std::string& key, steady_time give_up);
  task<result<found_session>> read_when_free(client& who, const std::string& key, steady_time give_up);
  task<result<void>> wait_for_other_node(client& who, const std::string& key, steady_time give_up);
  void start_renewals();
  task<void> renew(lease_renewal due);

  session_store& store_;
  const clock& time_;
  logger log_;
  const session_settings& config_;
  node_locks queue_;
  leases leases_;
  owner_id last_releaser_;
  log_limiter renewal_lines_;
  asio::steady_timer next_renewals_;
  bool stopping_ = false;
};

}  // namespace mooring::sessiond
