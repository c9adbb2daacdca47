// php-redis's lock: SET key_LOCK secret NX, and the ways to release it.
//
// A lock that is not granted is answered "$-1", because php-redis repeats the command for ever after an error.
#pragma once

#include "sessiond/redis/redis_context.hpp"

namespace mooring::sessiond {

class lock_commands {
 public:
  explicit lock_commands(redis_context& redis) : redis_(redis) {}

  std::vector<command> commands();

  // SET of a key that ends in _LOCK.
  task<void> set(client& who, resp_request request, std::string& out);
  // As Redis says it: -2 there is no lock, -1 it does not expire.
  std::int64_t ttl_ms(const std::string& key);

 private:
  task<void> eval(client& who, resp_request request, std::string& out);
  task<void> delex(client& who, resp_request request, std::string& out);
  task<void> release(client& who, resp_request request, std::string& out, std::string lock_key, std::string secret);

  redis_context& redis_;
};

}  // namespace mooring::sessiond
