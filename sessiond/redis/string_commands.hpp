// Sessions as string keys: what php-redis's session handler sends, and what redis-cli and redis-benchmark add.
//
// Some of these commands concern locks too (a key that ends in _LOCK), and EXPIRE ends a save of a hash that was put
// off.
#pragma once

#include "sessiond/redis/hash_commands.hpp"
#include "sessiond/redis/lock_commands.hpp"

namespace mooring::sessiond {

class string_commands {
 public:
  string_commands(redis_context& redis, lock_commands& locks, hash_commands& hashes)
      : redis_(redis), locks_(locks), hashes_(hashes) {}

  std::vector<command> commands();

 private:
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

  redis_context& redis_;
  lock_commands& locks_;
  hash_commands& hashes_;
};

}  // namespace mooring::sessiond
