// What the commands of Redis clients have in common: the sessions, the keys, and how a failure is answered.
//
// redis_dialect owns it, and the classes of commands refer to it.
#pragma once

#include <string>

#include "mooring/settings/settings.hpp"
#include "sessiond/command/command.hpp"
#include "sessiond/redis/key_map.hpp"
#include "sessiond/redis/redis_sessions.hpp"

namespace mooring::sessiond {

// PHP's own default for session.gc_maxlifetime, for clients that store without saying for how long.
constexpr std::int64_t ttl_unless_given = 1440;

// Of what clients write beside a lock; "host|pid" and Magento's address of a page are shorter.
constexpr std::size_t max_lock_note_bytes = 1024;

// A key of a request. `key` is session_service's; empty when no session can have it, for the reason `fault`.
struct redis_target {
  std::string key;
  bool is_lock = false;
  error fault;
  explicit operator bool() const { return !key.empty(); }
};

struct redis_context {
  redis_context(session_service& service, const clock& now, const redis_settings& settings,
                const asio::any_io_executor& executor)
      : sessions(service, now, executor), time(now), config(settings), keys(settings.prefixes) {}

  redis_target locate(const std::string& key) const;

  redis_sessions sessions;
  const clock& time;
  const redis_settings& config;
  key_map keys;
  error_replies* errors = nullptr;  // once the dispatcher has asked for the commands
};

// `owner` must outlive the handler.
template <class Commands>
command_handler handler_of(Commands& owner, task<void> (Commands::*step)(client&, resp_request, std::string&)) {
  return [&owner, step](client& who, resp_request request, std::string& out) {
    return (owner.*step)(who, std::move(request), out);
  };
}

}  // namespace mooring::sessiond
