// Sessions as hashes: what Cm_RedisSession, the session handler of stock Magento 2, sends.
//
// Of the fields, only data is stored, as it is, so that other clients read the same session. lock, pid, req and wait
// live in memory and belong to connections. writes is not counted: Cm_RedisSession only asks whether it is more than 1,
// to give new sessions a short life, so what exists has been written often enough.
//
// Data comes without its expiry, which follows as EXPIRE in the same pipeline. So a save is put off, one for each
// client, until finish(); its reply has its place in the replies of the batch. The client that ends or starts anew
// forgets it: nothing of it was acknowledged.
#pragma once

#include <optional>
#include <unordered_map>

#include "sessiond/redis/redis_context.hpp"

namespace mooring::sessiond {

class hash_commands {
 public:
  explicit hash_commands(redis_context& redis) : redis_(redis) {}

  std::vector<command> commands();

  bool has_put_off(const client& who, const std::string& key) const;
  bool has_put_off(const client& who) const { return put_off_.count(who.id) != 0; }
  // Saves what was put off. Whether something was stored. `ttl`: 0 when the client has not said how long.
  task<bool> finish(client& who, std::string& out, std::int64_t ttl);
  void forget(const client& who) { put_off_.erase(who.id); }

 private:
  struct put_off_save {
    std::string key;
    std::string data;
    std::size_t reply_at = 0;    // in the replies of the batch
    bool counts_fields = false;  // HSET is answered with a number
    resp_request request;        // its name, for the log
  };

  task<void> hincrby(client& who, resp_request request, std::string& out);
  task<void> hget(client& who, resp_request request, std::string& out);
  task<void> hset(client& who, resp_request request, std::string& out);
  task<void> hdel(client& who, resp_request request, std::string& out);
  task<void> take_hash_lock(client& who, resp_request request, std::string& out, std::string key);
  task<void> set_lock_fields(client& who, resp_request request, std::string& out, std::string key);
  task<result<void>> hold_hash_lock(client& who, std::string key, std::string pid);
  std::optional<std::string> field_in_memory(client& who, const std::string& key, const std::string& field);

  redis_context& redis_;
  std::unordered_map<owner_id, put_off_save> put_off_;
};

}  // namespace mooring::sessiond
