// What opening, committing and closing a session means. Every promise of sessiond is kept here or in the store.
//
// open() gives a token (session_token.hpp): whoever returns it says which version it has read. While the connection
// lives the token also stands for the lock. When it does not (sessiond was restarted between open and commit), a commit
// is still taken if nobody holds the session now and the version is still the stored one; otherwise it is refused and
// the stored session stays.
//
//   command          lock                         errors beside the store's
//   open exclusive   taken (session_locks)        busy: not in time; cancelled: the client hung up; invalid_argument:
//                                                 max_open_sessions. A failed open holds nothing
//   open read_only   not asked for                none
//   commit, touch    needed; released in any      stale: another version is stored, or another request has the lock;
//                    case but a refused token     invalid_argument: the token or the TTL. Nothing was stored
//   close            released                     none; an unknown token does nothing
//   destroy          not asked for; kept          none
//   reset            all of the client released   none
//
// A client sends one command at a time, and commands of different clients interleave. Every call ends by itself: the
// waits of session_locks at sessions.lock_wait, each call of the store at sessions.deadline. A commit whose store
// failed is answered at once, and its lock released behind it. Whoever ends a connection calls release_all(); nothing
// of its client is used afterwards. The store, the clock and the settings must outlive this object.
#pragma once

#include <optional>
#include <string>

#include "mooring/base/clock.hpp"
#include "mooring/settings/settings.hpp"
#include "sessiond/session/client.hpp"
#include "sessiond/session/session_locks.hpp"
#include "sessiond/store/session_key.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// A PHP request opens one session, two while it regenerates; the rest is room for unusual code.
constexpr std::size_t max_open_sessions = 16;
// DynamoDB ignores TTLs more than five years in the past; a hundred years ahead is beyond every cookie.
constexpr std::int64_t max_ttl_seconds = std::int64_t{100} * 366 * 86'400;

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

  // The locks of all sessions, for those who look at them, and for app, which runs keep_leases().
  session_locks& locks() { return locks_; }

 private:
  task<result<opened>> look(client& who, std::string key);
  task<result<open_session>> claim(client& who, const std::string& key, const std::string& token);
  task<result<void>> store_changes(client& who, const std::string& key, const open_session& session, std::int64_t ttl,
                                   std::string data);
  task<result<void>> extend(client& who, const std::string& key, const open_session& session, std::int64_t ttl);
  task<void> end(client& who, std::string key);
  task<void> end_after(client& who, const std::string& key, const result<void>& written);
  void end_behind(client& who, const std::string& key);
  call_budget budget_of(client& who) const { return who.budget(time_.steady() + config_.deadline); }

  session_store& store_;
  const clock& time_;
  const session_settings& config_;
  key_form key_form_;
  session_locks locks_;
};

}  // namespace mooring::sessiond
