#include "sessiond/redis/hash_commands.hpp"
#include "mooring/resp/words.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

// Cm_RedisSession sleeps for as long between two tries itself, and its read timeout is 2.5 s.
constexpr auto patience_per_try = 500ms;

constexpr std::int64_t lock_refused = 2;
constexpr std::int64_t writes_of_a_stored_session = 2;
constexpr std::int64_t largest_step_of_wait = 1000;

bool has_field(const resp_request& request, const char* name, const std::string& value = std::string()) {
  for (std::size_t i = 2; i + 1 < request.size(); i += 2)
    if (request[i] == name && (value.empty() || request[i + 1] == value)) return true;
  return false;
}

}  // namespace

std::vector<command> hash_commands::commands() {
  return {
      {"hincrby", 4, 4, handler_of(*this, &hash_commands::hincrby), false, true},
      {"hget", 3, 3, handler_of(*this, &hash_commands::hget)},
      {"hmget", 3, max_arguments, handler_of(*this, &hash_commands::hget)},
      {"hset", 4, max_arguments, handler_of(*this, &hash_commands::hset)},
      {"hmset", 4, max_arguments, handler_of(*this, &hash_commands::hset)},
      {"hdel", 3, max_arguments, handler_of(*this, &hash_commands::hdel)},
  };
}

task<void> hash_commands::hincrby(client& who, resp_request request, std::string& out) {
  resp_writer reply(out);
  const redis_target at = redis_.locate(request[1]);
  const std::string& field = request[2];
  const auto step = whole_number(request[3]);
  if (at && field == "writes") {
    const session_view* view = redis_.sessions.view_of(who, at.key);
    reply.integer(view != nullptr && view->exists ? writes_of_a_stored_session + 1 : 1);
    co_return;
  }
  co_await finish(who, out, 0);
  if (at.is_lock || !step || *step > largest_step_of_wait || *step < -largest_step_of_wait ||
      (field != "lock" && field != "wait" && at)) {
    reply.error("HINCRBY counts lock, wait and writes of a session");
    co_return;
  }
  if (!at) {
    // An id that cannot exist reads as a session without data; only storing it is refused.
    reply.integer(field == "wait" ? *step : 1);
    co_return;
  }
  if (field == "lock") {
    co_await take_hash_lock(who, std::move(request), out, at.key);
    co_return;
  }
  const auto waiting = redis_.sessions.locks().notes().add_waiting(at.key, who.id, *step);
  if (waiting)
    reply.integer(*waiting);
  else
    reply.error("this connection waits for too many sessions");
}

// 1: this connection has the lock. A refusal is always the same number, because from growing ones Cm_RedisSession
// concludes that waiters have died.
task<void> hash_commands::take_hash_lock(client& who, resp_request request, std::string& out, std::string key) {
  lock_request wanted;
  wanted.key = key;
  wanted.kind = lock_kind::hash_field;
  wanted.patience = patience_per_try;
  auto outcome = co_await redis_.sessions.locks().lock(who, std::move(wanted));
  if (!outcome && outcome.error().code() != errc::busy)
    redis_.errors->reply(out, request, outcome.error());
  else
    resp_writer(out).integer(outcome && *outcome ? 1 : lock_refused);
}

std::optional<std::string> hash_commands::field_in_memory(client& who, const std::string& key,
                                                          const std::string& field) {
  const lock_note* note = redis_.sessions.locks().notes().find(key);
  const session_view* view = redis_.sessions.view_of(who, key);
  if (field == "writes" && view != nullptr && view->exists) return std::to_string(writes_of_a_stored_session);
  if (field == "pid") {
    // Between taking the lock and saying who has it, there is no pid.
    auto pid = redis_.sessions.locks().secret_of(who, key);
    return pid && pid->empty() ? std::nullopt : pid;
  }
  if (field == "lock") return std::string(note == nullptr ? "0" : "1");
  if (field == "req" && note != nullptr && !note->request.empty()) return note->request;
  if (field == "wait") {
    const auto waiting = redis_.sessions.locks().notes().add_waiting(key, who.id, 0);
    return std::to_string(waiting.value_or(0));
  }
  return std::nullopt;
}

task<void> hash_commands::hget(client& who, resp_request request, std::string& out) {
  const redis_target at = redis_.locate(request[1]);
  const bool wants_data = std::find(request.begin() + 2, request.end(), "data") != request.end();
  std::optional<std::string> data;
  if (at && !at.is_lock && wants_data) {
    auto outcome = co_await redis_.sessions.read(who, at.key);
    if (!outcome) {
      redis_.errors->reply(out, request, outcome.error());
      co_return;
    }
    data = std::move(*outcome);
  }
  resp_writer reply(out);
  if (lower(request[0]) == "hmget") reply.array(request.size() - 2);
  for (std::size_t i = 2; i < request.size(); ++i) {
    std::optional<std::string> value = request[i] == "data" ? data : std::nullopt;
    if (at && !at.is_lock && request[i] != "data") value = field_in_memory(who, at.key, request[i]);
    if (value)
      reply.bulk(*value);
    else
      reply.nil();
  }
}

// With data: the session is stored, with the expiry that follows in the same pipeline. Without: lock fields.
task<void> hash_commands::hset(client& who, resp_request request, std::string& out) {
  const redis_target at = redis_.locate(request[1]);
  resp_writer reply(out);
  const bool counts_fields = lower(request[0]) == "hset";
  if (request.size() % 2 != 0) {
    reply.error("wrong number of arguments for '" + lower(request[0]) + "' command");
    co_return;
  }
  if (!has_field(request, "data")) {
    if (at && !at.is_lock)
      co_await set_lock_fields(who, std::move(request), out, at.key);
    else if (counts_fields)
      reply.integer(0);
    else
      reply.ok();
    co_return;
  }
  if (!at || at.is_lock) {
    const error a_lock(errc::invalid_argument, "keys that end in _LOCK hold no session");
    redis_.errors->reply(out, request, at ? a_lock : at.fault);
    co_return;
  }
  put_off_save pending;
  for (std::size_t i = 2; i + 1 < request.size(); i += 2)
    if (request[i] == "data") pending.data = std::move(request[i + 1]);
  pending.key = at.key;
  pending.reply_at = out.size();
  pending.counts_fields = counts_fields;
  pending.request.push_back(request[0]);
  put_off_[who.id] = std::move(pending);
}

task<void> hash_commands::set_lock_fields(client& who, resp_request request, std::string& out, std::string key) {
  const bool counts_fields = lower(request[0]) == "hset";
  std::string pid;
  std::string page;
  for (std::size_t i = 2; i + 1 < request.size(); i += 2) {
    if (request[i] == "pid") pid = request[i + 1].substr(0, max_lock_note_bytes);
    if (request[i] == "req") page = request[i + 1].substr(0, max_lock_note_bytes);
  }
  result<void> done;
  if (has_field(request, "lock", "0")) {
    // A holder releases; anybody else says that the holder is dead.
    session_view* view = redis_.sessions.view_of(who, key);
    const bool held = view != nullptr && view->at == session_view::phase::locked;
    if (held) {
      std::string secret = view->secret;
      auto released = co_await redis_.sessions.locks().unlock(who, key, std::move(secret));
      if (!released) redis_.errors->note(request, released.error());
    } else {
      redis_.sessions.locks().break_lock(key);
    }
  } else if (has_field(request, "lock") || !pid.empty()) {
    done = co_await hold_hash_lock(who, key, std::move(pid));
    lock_note* note = redis_.sessions.locks().notes().find(key);
    if (done && note != nullptr) note->request = std::move(page);
  }
  if (!done)
    redis_.errors->reply(out, request, done.error());
  else if (counts_fields)
    resp_writer(out).integer(0);
  else
    resp_writer(out).ok();
}

// The holder says who he is; or another one takes the lock over, after he has waited for break_after.
task<result<void>> hash_commands::hold_hash_lock(client& who, std::string key, std::string pid) {
  result<void> held;
  if (!redis_.sessions.holds(who, key)) {
    lock_request wanted;
    wanted.key = key;
    wanted.kind = lock_kind::hash_field;
    wanted.patience = patience_per_try;
    auto taken = co_await redis_.sessions.locks().take_over(who, std::move(wanted));
    if (!taken) co_return taken.error();
  }
  redis_.sessions.view_of(who, key)->secret = pid;
  if (lock_note* note = redis_.sessions.locks().notes().find(key)) note->secret = std::move(pid);
  co_return held;
}

task<void> hash_commands::hdel(client& who, resp_request request, std::string& out) {
  const redis_target at = redis_.locate(request[1]);
  const bool removes_lock = std::find(request.begin() + 2, request.end(), "lock") != request.end();
  if (std::find(request.begin() + 2, request.end(), "data") != request.end()) {
    resp_writer(out).error("a session is removed with DEL or UNLINK");
    co_return;
  }
  result<bool> released = false;
  session_view* view = at ? redis_.sessions.view_of(who, at.key) : nullptr;
  if (removes_lock && view != nullptr && view->at == session_view::phase::locked) {
    std::string secret = view->secret;
    released = co_await redis_.sessions.locks().unlock(who, at.key, std::move(secret));
  }
  redis_.errors->reply_flag(out, request, released);
}

bool hash_commands::has_put_off(const client& who, const std::string& key) const {
  const auto found = put_off_.find(who.id);
  return found != put_off_.end() && found->second.key == key;
}

task<bool> hash_commands::finish(client& who, std::string& out, std::int64_t ttl) {
  const auto found = put_off_.find(who.id);
  if (found == put_off_.end()) co_return false;
  put_off_save pending = std::move(found->second);
  put_off_.erase(found);
  const session_view* view = redis_.sessions.view_of(who, pending.key);
  if (ttl == 0 && view != nullptr && view->ttl_at_release > 0) ttl = view->ttl_at_release;
  if (ttl == 0 && view != nullptr && view->exists) ttl = view->expires - redis_.sessions.now();
  if (ttl <= 0) ttl = ttl_unless_given;
  auto stored = co_await redis_.sessions.save(who, pending.key, ttl, std::move(pending.data));
  std::string reply;
  if (!stored)
    redis_.errors->reply(reply, pending.request, stored.error());
  else if (pending.counts_fields)
    resp_writer(reply).integer(0);
  else
    resp_writer(reply).ok();
  out.insert(pending.reply_at, reply);
  co_return stored.has_value();
}

}  // namespace mooring::sessiond
