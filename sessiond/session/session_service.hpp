// What opening, committing and closing a session means. Every promise of sessiond is kept here or in the store.
//
// A client is one connection and sends one command at a time. open() gives a token (session_token.hpp): whoever
// returns it says which version it has read. While the connection lives the token also stands for the lock. When it
// does not (sessiond was restarted between open and commit), a commit is still taken if nobody holds the session now
// and the version is still the stored one; otherwise it is refused and the stored session stays.
// Locks are released by commit, touch, close, reset and the end of the connection; a failed open holds none.
//
// With locking "cluster" the first in this node's queue also takes the session's lease from the store, and the lease
// stays while others wait here: each gets the session from memory, without another read. The last one gives it back
// with its write. A lease that has been here for longest_tenure goes back in between, so that other nodes get a turn.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "mooring/base/clock.hpp"
#include "mooring/settings/settings.hpp"
#include "sessiond/session/lease_book.hpp"
#include "sessiond/session/node_locks.hpp"
#include "sessiond/store/session_key.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// A PHP request opens one session, two while it regenerates; the rest is room for unusual code.
constexpr std::size_t max_open_sessions = 16;
// DynamoDB ignores TTLs more than five years in the past; a hundred years ahead is beyond every cookie.
constexpr std::int64_t max_ttl_seconds = std::int64_t{100} * 366 * 86'400;

// How long requests of one node may follow each other on one session before others get a chance.
constexpr std::chrono::seconds longest_tenure{5};

struct open_session {
  std::string token;
  session_version version = no_version;
  std::int64_t expires = 0;
  std::string digest;  // of the data as read
};

struct client {
  owner_id id = 0;
  std::map<std::string, open_session> open;  // by key; in each the lock is held, unless locking is "none"
  std::function<bool()> gone;                // whether the peer has hung up
  std::int64_t process = 0;                  // the peer's pid, 0 when unknown
  std::optional<milliseconds> patience;      // waits for a lock no longer than that
  double spent_units = 0;                    // capacity units of DynamoDB, for its commands
};

struct opened {
  std::optional<std::string> token;
  std::optional<std::string> data;
  std::int64_t expires = 0;
  std::string version_token;  // for commit() and touch() without a lock: stands for the version that was read
};

enum class open_mode { exclusive, read_only };

// Whether a session that expires at `stored` is worth a write to make it expire at `wanted`, `ttl` from now.
bool expiry_is_worth_a_write(std::int64_t stored, std::int64_t wanted, std::int64_t ttl);

class session_service {
 public:
  session_service(session_store& store, const clock& time, const logger& log, const session_settings& config,
                  const asio::any_io_executor& executor);

  task<result<opened>> open(client& who, std::string key, open_mode mode);
  task<result<void>> commit(client& who, std::string key, std::string token, std::int64_t ttl, std::string data);
  task<result<void>> touch(client& who, std::string key, std::string token, std::int64_t ttl);
  task<void> close(client& who, std::string key, std::string token);
  task<result<bool>> destroy(client& who, std::string key);
  task<result<bool>> exists(client& who, std::string key);

  // errc::invalid_argument for a name or an id that PHP would not make.
  result<std::string> key_of(std::string_view name, std::string_view id) const;
  // A key as it stands in the table, for operators.
  result<std::string> checked_key(std::string_view key) const;

  // Gives up everything the client holds; release_all() does it behind the back of a client that is gone for good.
  task<void> reset(client& who);
  void release_all(client& who);
  // close() for callers that cannot wait. The client may go on at once; the next one gets its turn a moment later.
  void release(client& who, const std::string& key, const std::string& token);

  // Whether a page that got no lock in time may have a read-only look (sessions.on_lock_timeout).
  bool reads_when_busy() const { return config_.on_lock_timeout == "read_only"; }

  // As session_store::now(): expiries are counted on it.
  std::int64_t now() const { return store_.now(); }

  // Sessions are in another region from now on; leases count in the region where they were taken.
  void region_changed() { leases_.unsure_of_all(time_.steady()); }

  // Keeps the leases of long requests alive, until stop().
  task<void> renew_leases();
  void stop();

  const node_locks& locks() const { return locks_; }

 private:
  using found_session = std::optional<stored_session>;
  bool clustered() const { return config_.locking == "cluster"; }
  task<result<void>> wait_for_turn(client& who, const std::string& key, steady_time give_up);
  task<result<found_session>> lease_and_read(client& who, const std::string& key, steady_time give_up);
  task<result<found_session>> read_when_free(client& who, const std::string& key, steady_time give_up);
  task<result<void>> wait_for_other_node(client& who, const std::string& key, steady_time give_up);
  task<void> unlock(owner_id owner, std::string key, call_budget budget);
  task<void> give_back_if_last(client& who, const std::string& key);
  task<void> release_behind(owner_id owner, std::string key);
  bool is_others_turn(const std::string& key) const;
  lease_after lease_after_write(const std::string& key);
  void note_write(const std::string& key, lease_after lease, stored_session written, steady_time asked);
  result<open_session> claim(client& who, const std::string& key, const std::string& token);
  task<result<void>> store_changes(client& who, const std::string& key, const open_session& session, std::int64_t ttl,
                                   std::string data);
  task<result<void>> extend(client& who, const std::string& key, const open_session& session, std::int64_t ttl);
  task<void> end(client& who, const std::string& key);
  task<void> end_after(client& who, const std::string& key, const result<void>& written);
  void end_behind(client& who, const std::string& key);
  call_budget budget_of(client& who) const { return {time_.steady() + config_.deadline, &who.spent_units}; }
  call_budget nobodys_budget() const { return {time_.steady() + config_.deadline}; }

  session_store& store_;
  const clock& time_;
  logger log_;
  const session_settings& config_;
  key_form key_form_;
  node_locks locks_;
  lease_book leases_;
  std::set<std::string> yielding_;  // given back although others wait here
  asio::steady_timer renewal_;
  bool stopping_ = false;
  std::set<std::pair<owner_id, std::string>> releasing_;  // by end_behind()
};

}  // namespace mooring::sessiond
