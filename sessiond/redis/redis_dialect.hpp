// What Redis clients say: php-redis's session handler, Cm_RedisSession of Magento 2, redis-cli and redis-benchmark.
//
// docs/redis.md lists the commands and how they differ from Redis. Each table is a class of its own: string_commands,
// lock_commands and hash_commands; AUTH, CLIENT and ECHO are here. All but those need the password, when there is one.
// Replies obey what php-redis makes of them: errors are "-ERR text" (and -NOSCRIPT), because it throws out of
// session_start() for any other.
//
// The service, the clock and the settings must outlive this object, and this object the dispatcher that speaks it. What
// it remembers of a client goes with forget().
#pragma once

#include <string>
#include <unordered_map>

#include "sessiond/redis/string_commands.hpp"

namespace mooring::sessiond {

class redis_dialect final : public dialect {
 public:
  redis_dialect(session_service& sessions, const clock& time, const redis_settings& config,
                const asio::any_io_executor& executor)
      : redis_(sessions, time, config, executor), locks_(redis_), hashes_(redis_), strings_(redis_, locks_, hashes_) {}

  std::vector<command> commands(error_replies& errors) override;
  task<void> finish_batch(client& who, std::string& out) override;
  bool expects_release(const client& who) const override { return redis_.sessions.expects_release(who); }
  void forget(client& who) override;

 private:
  struct known_client {
    bool authenticated = false;
    std::string name;
  };

  command_handler guarded(command_handler run);
  task<void> run_guarded(const command_handler& run, client& who, resp_request request, std::string& out);
  std::vector<command> client_commands();
  task<void> echo(client& who, resp_request request, std::string& out);
  task<void> auth(client& who, resp_request request, std::string& out);
  task<void> client_command(client& who, resp_request request, std::string& out);

  redis_context redis_;
  lock_commands locks_;
  hash_commands hashes_;
  string_commands strings_;
  std::unordered_map<owner_id, known_client> clients_;
};

}  // namespace mooring::sessiond
