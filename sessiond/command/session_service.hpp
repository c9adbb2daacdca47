// What opening, committing and closing a session means. Every promise of sessiond is kept here or in the store.
//
// A client is one connection and sends one command at a time. open() gives a token "<version>-<chance>": whoever
// returns it says which version it has read. While the connection lives the token also stands for the lock. When it
// does not (sessiond was restarted between open and commit), a commit is still taken if nobody holds the session now
// and the version is still the stored one; otherwise it is refused and the stored session stays.
// Locks are released by commit, touch, close, reset and the end of the connection; a failed open holds none.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "mooring/base/clock.hpp"
#include "mooring/settings/settings.hpp"
#include "sessiond/command/node_locks.hpp"
#include "sessiond/store/session_key.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// A PHP request opens one session, two while it regenerates; the rest is room for unusual code.
constexpr std::size_t max_open_sessions = 16;
// DynamoDB ignores TTLs more than five years in the past; a hundred years ahead is beyond every cookie.
constexpr std::int64_t max_ttl_seconds = std::int64_t{100} * 366 * 86'400;

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
  double spent_units = 0;                    // capacity units of the command that runs
};

struct opened {
  std::optional<std::string> token;
  std::optional<std::string> data;
};

enum class open_mode { exclusive, read_only };

class session_service {
 public:
  session_service(session_store& store, const clock& time, const session_settings& config,
                  const asio::any_io_executor& executor);

  task<result<opened>> open(client& who, std::string key, open_mode mode);
  task<result<void>> commit(client& who, std::string key, std::string token, std::int64_t ttl, std::string data);
  task<result<void>> touch(client& who, std::string key, std::string token, std::int64_t ttl);
  void close(client& who, const std::string& key, const std::string& token);
  task<result<bool>> destroy(client& who, std::string key);
  task<result<bool>> exists(client& who, std::string key);

  // errc::invalid_argument for a name or an id that PHP would not make.
  result<std::string> key_of(std::string_view name, std::string_view id) const;

  // Gives up everything the client holds.
  void release_all(client& who);

  const node_locks& locks() const { return locks_; }

 private:
  task<result<void>> lock(client& who, const std::string& key);
  void unlock(client& who, const std::string& key);
  result<open_session> claim(client& who, const std::string& key, const std::string& token);
  task<result<std::optional<stored_session>>> read(client& who, const std::string& key, open_mode mode);
  task<result<void>> store_changes(client& who, const std::string& key, const open_session& session, std::int64_t ttl,
                                   std::string data);
  task<result<void>> extend(client& who, const std::string& key, const open_session& session, std::int64_t ttl);
  call_budget budget_of(client& who) const { return {time_.steady() + config_.deadline, &who.spent_units}; }

  session_store& store_;
  const clock& time_;
  const session_settings& config_;
  key_form key_form_;
  node_locks locks_;
};

}  // namespace mooring::sessiond
