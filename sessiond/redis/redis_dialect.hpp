// What Redis clients say: php-redis's session handler, Cm_RedisSession of Magento 2, redis-cli and redis-benchmark.
//
// docs/redis.md lists the commands and how they differ from Redis. Each table is in a file of its own:
// string_commands.cpp, lock_commands.cpp, hash_commands.cpp and client_commands.cpp. Replies obey what php-redis makes
// of them: errors are "-ERR text" (and -NOSCRIPT), because it throws out of session_start() for any other; a lock that
// is not granted is "$-1", because it repeats the command for ever after an error.
#pragma once

#include <optional>
#include <unordered_map>

#include "mooring/settings/settings.hpp"
#include "sessiond/command/command.hpp"
#include "sessiond/redis/key_map.hpp"
#include "sessiond/redis/redis_sessions.hpp"

namespace mooring::sessiond {

// PHP's own default for session.gc_maxlifetime, for clients that store without saying for how long.
constexpr std::int64_t ttl_unless_given = 1440;

// Of what clients write beside a lock; "host|pid" and Magento's address of a page are shorter.
constexpr std::size_t max_lock_note_bytes = 1024;

class redis_dialect final : public dialect {
 public:
  redis_dialect(session_service& sessions, const clock& time, const redis_settings& config,
                const asio::any_io_executor& executor)
      : sessions_(sessions, time, executor), time_(time), config_(config), keys_(config.prefixes) {}

  std::vector<command> commands(error_replies& errors) override;
  task<void> finish_batch(client& who, std::string& out) override;
  bool expects_release(const client& who) const override { return sessions_.expects_release(who); }
  void forget(client& who) override;

 private:
  using method = task<void> (redis_dialect::*)(client&, resp_request, std::string&);

  // A key of a request. `key` is session_service's; empty when no session can have it, for the reason `fault`.
  struct target {
    std::string key;
    bool is_lock = false;
    error fault;
    explicit operator bool() const { return !key.empty(); }
  };
  // Data of a hash whose expiry is expected in the same batch.
  struct put_off {
    std::string key;
    std::string data;
    std::size_t reply_at;  // in the replies of the batch
    bool counts_fields;    // HSET is answered with a number
    resp_request request;  // its name, for the log
  };
  struct known_client {
    bool authenticated = false;
    std::string name;
    std::optional<put_off> pending;
  };

  command_handler bind(method run, bool needs_password = true);
  task<void> guarded(method run, client& who, resp_request request, std::string& out);
  target locate(const std::string& key) const;

  std::vector<command> string_commands();
  task<void> get(client& who, resp_request request, std::string& out);
  task<void> getex(client& who, resp_request request, std::string& out);
  task<void> set(client& who, resp_request request, std::string& out);
  task<void> setex(client& who, resp_request request, std::string& out);
  task<void> exists(client& who, resp_request request, std::string& out);
  task<void> expire(client& who, resp_request request, std::string& out);
  task<void> ttl(client& who, resp_request request, std::string& out);
  task<void> del(client& who, resp_request request, std::string& out);
  task<void> strlen(client& who, resp_request request, std::string& out);
  task<void> store(client& who, resp_request request, std::string& out, std::string data, std::int64_t seconds);
  task<result<bool>> expire_in(client& who, std::string key, std::int64_t seconds);
  task<result<void>> expire_now(client& who, std::string key);

  std::vector<command> lock_commands();
  task<void> set_lock(client& who, resp_request request, std::string& out);
  task<void> eval(client& who, resp_request request, std::string& out);
  task<void> delex(client& who, resp_request request, std::string& out);
  task<void> release(client& who, resp_request request, std::string& out, std::string lock_key, std::string secret);
  std::int64_t lock_ttl_ms(const std::string& key);

  std::vector<command> hash_commands();
  task<void> hincrby(client& who, resp_request request, std::string& out);
  task<void> hget(client& who, resp_request request, std::string& out);
  task<void> hset(client& who, resp_request request, std::string& out);
  task<void> hdel(client& who, resp_request request, std::string& out);
  task<void> take_hash_lock(client& who, resp_request request, std::string& out, std::string key);
  task<void> set_lock_fields(client& who, resp_request request, std::string& out, std::string key);
  task<result<void>> hold_hash_lock(client& who, std::string key, std::string pid);
  task<bool> finish(client& who, std::string& out, std::int64_t ttl);
  std::optional<std::string> field_in_memory(client& who, const std::string& key, const std::string& field);

  std::vector<command> client_commands();
  task<void> echo(client& who, resp_request request, std::string& out);
  task<void> auth(client& who, resp_request request, std::string& out);
  task<void> client_command(client& who, resp_request request, std::string& out);

  redis_sessions sessions_;
  const clock& time_;
  const redis_settings& config_;
  key_map keys_;
  error_replies* errors_ = nullptr;
  std::unordered_map<owner_id, known_client> clients_;
};

}  // namespace mooring::sessiond
