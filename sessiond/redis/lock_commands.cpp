// php-redis's lock: SET key_LOCK secret NX, and the ways to release it.
#include "sessiond/redis/lock_commands.hpp"
#include "mooring/resp/words.hpp"
#include "sessiond/redis/release_script.hpp"
#include "sessiond/redis/set_options.hpp"

namespace mooring::sessiond {

std::vector<command> lock_commands::commands() {
  return {
      {"eval", 3, max_arguments, handler_of(*this, &lock_commands::eval)},
      {"evalsha", 3, max_arguments, handler_of(*this, &lock_commands::eval)},
      {"delex", 4, 4, handler_of(*this, &lock_commands::delex)},
      {"delifeq", 3, 3, handler_of(*this, &lock_commands::delex)},
  };
}

// Answered when the lock is granted, however long that takes, and nil when it is not: php-redis takes an error for "try
// again", without end if lock_retries is -1. When the store is down nil is no answer either, since after three new ids
// that cannot be locked PHP throws out of session_start(). So the lock is granted as far as php-redis can see; the GET
// that follows says what is wrong, and nothing can be read or stored under that lock.
task<void> lock_commands::set(client& who, resp_request request, std::string& out) {
  resp_writer reply(out);
  const redis_target at = redis_.locate(request[1]);
  const auto options = parse_set_options(std::span(request).subspan(3));
  if (!at) {
    reply.nil();
    co_return;
  }
  if (!options || !options->only_new || request[2].empty() || request[2].size() > max_lock_note_bytes) {
    reply.error("a lock is taken with SET key secret NX [EX seconds | PX milliseconds]");
    co_return;
  }
  lock_request wanted;
  wanted.key = at.key;
  wanted.secret = request[2];
  wanted.life = options->life.value_or(redis_.config.lock_ttl);
  auto outcome = co_await redis_.sessions.locks().lock(who, std::move(wanted));
  if (!outcome) redis_.errors->note(request, outcome.error());
  if (outcome ? *outcome : redis_locks::is_outage(outcome.error()))
    reply.ok();
  else
    reply.nil();
}

task<void> lock_commands::eval(client& who, resp_request request, std::string& out) {
  auto call = recognise_release(request);
  if (call) {
    co_await release(who, std::move(request), out, std::move(call->lock_key), std::move(call->secret));
    co_return;
  }
  // Upon -NOSCRIPT a client sends the script itself; no other reply may have another prefix than -ERR.
  if (lower(request[0]) == "evalsha")
    out.append("-NOSCRIPT No matching script. Please use EVAL.\r\n");
  else
    resp_writer(out).error("scripts do not run here; only the one that releases php-redis's session lock is known");
}

task<void> lock_commands::delex(client& who, resp_request request, std::string& out) {
  if (request.size() == 4 && lower(request[2]) != "ifeq") {
    resp_writer(out).error("syntax error; DELEX takes IFEQ");
    co_return;
  }
  std::string lock_key = request[1];
  std::string secret = request.back();
  co_await release(who, std::move(request), out, std::move(lock_key), std::move(secret));
}

task<void> lock_commands::release(client& who, resp_request request, std::string& out, std::string lock_key,
                                  std::string secret) {
  const redis_target at = redis_.locate(lock_key);
  if (at && !at.is_lock) {
    resp_writer(out).error("only locks are released like this, keys that end in _LOCK");
    co_return;
  }
  result<bool> released = false;
  if (at) released = co_await redis_.sessions.locks().unlock(who, at.key, std::move(secret));
  // The lock is free in any case; an error is about the expiry that went with it.
  if (!released) redis_.errors->note(request, released.error());
  resp_writer(out).integer(!released || *released ? 1 : 0);
}

// As Redis says it: -2 there is no lock, -1 it does not expire.
std::int64_t lock_commands::ttl_ms(const std::string& key) {
  const lock_note* note = redis_.sessions.locks().notes().find(key);
  if (note == nullptr) return -2;
  if (!note->until) return -1;
  const auto left = std::chrono::duration_cast<milliseconds>(*note->until - redis_.time.steady()).count();
  return left > 0 ? left : 0;
}

}  // namespace mooring::sessiond
