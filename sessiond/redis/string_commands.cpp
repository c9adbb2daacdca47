// Sessions as string keys: what php-redis's session handler sends, and what redis-cli and redis-benchmark add.
#include "sessiond/redis/string_commands.hpp"
#include "mooring/resp/words.hpp"
#include "sessiond/redis/set_options.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::int64_t absent_ttl = -2;  // what Redis says of a key that does not exist

}  // namespace

std::vector<command> string_commands::commands() {
  return {
      {"get", 2, 2, handler_of(*this, &string_commands::get)},
      {"getex", 2, 4, handler_of(*this, &string_commands::getex)},
      {"set", 3, max_arguments, handler_of(*this, &string_commands::set)},
      {"setex", 4, 4, handler_of(*this, &string_commands::setex)},
      {"exists", 2, max_arguments, handler_of(*this, &string_commands::exists)},
      {"expire", 3, 3, handler_of(*this, &string_commands::expire), false, true},
      {"ttl", 2, 2, handler_of(*this, &string_commands::ttl)},
      {"pttl", 2, 2, handler_of(*this, &string_commands::ttl)},
      {"del", 2, max_arguments, handler_of(*this, &string_commands::del)},
      {"unlink", 2, max_arguments, handler_of(*this, &string_commands::del)},
      {"strlen", 2, 2, handler_of(*this, &string_commands::strlen)},
  };
}

task<void> string_commands::get(client& who, resp_request request, std::string& out) {
  resp_writer reply(out);
  const redis_target at = redis_.locate(request[1]);
  std::optional<std::string> value;
  if (at && at.is_lock) {
    value = redis_.sessions.locks().secret_of(who, at.key);
  } else if (at) {
    auto outcome = co_await redis_.sessions.read(who, at.key);
    if (!outcome) {
      redis_.errors->reply(out, request, outcome.error());
      co_return;
    }
    value = std::move(*outcome);
  }
  if (value)
    reply.bulk(*value);
  else
    reply.nil();
}

// With a lock held, the new expiry goes to the store together with the release.
task<void> string_commands::getex(client& who, resp_request request, std::string& out) {
  const auto options = parse_set_options(std::span(request).subspan(2));
  if (!options || options->only_new || options->only_existing) {
    resp_writer(out).error("syntax error; GETEX takes EX and PX");
    co_return;
  }
  const redis_target at = redis_.locate(request[1]);
  if (at && !at.is_lock && options->life) {
    auto outcome = co_await redis_.sessions.read(who, at.key);
    if (!outcome) {
      redis_.errors->reply(out, request, outcome.error());
      co_return;
    }
    const std::int64_t seconds = whole_seconds(*options->life);
    session_view* view = redis_.sessions.view_of(who, at.key);
    if (view->at == session_view::phase::locked) {
      view->ttl_at_release = seconds;
    } else if (*outcome) {
      auto moved = co_await redis_.sessions.touch(who, at.key, seconds);
      if (!moved) redis_.errors->note(request, moved.error());
    }
    if (*outcome)
      resp_writer(out).bulk(**outcome);
    else
      resp_writer(out).nil();
    co_return;
  }
  co_await get(who, std::move(request), out);
}

task<void> string_commands::set(client& who, resp_request request, std::string& out) {
  const redis_target at = redis_.locate(request[1]);
  if (at.is_lock) {
    co_await locks_.set(who, std::move(request), out);
    co_return;
  }
  const auto options = parse_set_options(std::span(request).subspan(3));
  if (!at || !options) {
    redis_.errors->reply(out, request, at ? options.error() : at.fault);
    co_return;
  }
  const std::int64_t seconds = options->life ? whole_seconds(*options->life) : ttl_unless_given;
  std::string data = std::move(request[2]);
  if (!options->only_new && !options->only_existing) {
    co_await store(who, std::move(request), out, std::move(data), seconds);
    co_return;
  }
  auto outcome = co_await redis_.sessions.save_if(who, at.key, seconds, std::move(data), options->only_existing);
  if (!outcome)
    redis_.errors->reply(out, request, outcome.error());
  else if (*outcome)
    resp_writer(out).ok();
  else
    resp_writer(out).nil();
}

task<void> string_commands::setex(client& who, resp_request request, std::string& out) {
  const auto seconds = whole_number(request[2]);
  if (!seconds || *seconds < 1 || *seconds > max_ttl_seconds) {
    resp_writer(out).error("invalid expire time in 'setex' command");
    co_return;
  }
  std::string data = std::move(request[3]);
  co_await store(who, std::move(request), out, std::move(data), *seconds);
}

task<void> string_commands::store(client& who, resp_request request, std::string& out, std::string data,
                                  std::int64_t seconds) {
  const redis_target at = redis_.locate(request[1]);
  if (!at || at.is_lock) {
    const error not_a_session(errc::invalid_argument, "a lock is taken with SET key secret NX");
    redis_.errors->reply(out, request, at ? not_a_session : at.fault);
    co_return;
  }
  auto stored = co_await redis_.sessions.save(who, at.key, seconds, std::move(data));
  redis_.errors->reply_done(out, request, stored);
}

task<void> string_commands::exists(client& who, resp_request request, std::string& out) {
  std::int64_t count = 0;
  for (std::size_t i = 1; i < request.size(); ++i) {
    const redis_target at = redis_.locate(request[i]);
    if (!at) continue;
    if (at.is_lock) {
      count += redis_.sessions.locks().secret_of(who, at.key) ? 1 : 0;
      continue;
    }
    auto found = co_await redis_.sessions.exists(who, at.key);
    if (!found) {
      redis_.errors->reply(out, request, found.error());
      co_return;
    }
    count += *found ? 1 : 0;
  }
  resp_writer(out).integer(count);
}

task<void> string_commands::expire(client& who, resp_request request, std::string& out) {
  const auto seconds = whole_number(request[2]);
  const redis_target at = redis_.locate(request[1]);
  const bool awaited = at && hashes_.has_put_off(who, at.key) && seconds && *seconds > 0 && *seconds <= max_ttl_seconds;
  const std::int64_t with_save = awaited ? *seconds : 0;
  const bool stored = co_await hashes_.finish(who, out, with_save);
  if (awaited) {
    resp_writer(out).integer(stored ? 1 : 0);
    co_return;
  }
  if (!seconds || *seconds > max_ttl_seconds) {
    resp_writer(out).error("invalid expire time in 'expire' command");
    co_return;
  }
  if (!at || at.is_lock) {
    const bool moved =
        at && *seconds > 0 && redis_.sessions.locks().expire_lock(who, at.key, mooring::seconds(*seconds));
    resp_writer(out).integer(moved ? 1 : 0);
    co_return;
  }
  auto outcome = co_await expire_in(who, at.key, *seconds);
  redis_.errors->reply_flag(out, request, outcome);
}

// An expiry in the past removes, as in Redis.
task<result<bool>> string_commands::expire_in(client& who, std::string key, std::int64_t seconds) {
  if (seconds <= 0) co_return co_await redis_.sessions.remove(who, std::move(key));
  co_return co_await redis_.sessions.touch(who, std::move(key), seconds);
}

task<void> string_commands::ttl(client& who, resp_request request, std::string& out) {
  const redis_target at = redis_.locate(request[1]);
  const std::int64_t unit = lower(request[0]) == "pttl" ? 1000 : 1;
  resp_writer reply(out);
  if (!at) {
    reply.integer(absent_ttl);
    co_return;
  }
  if (at.is_lock) {
    const std::int64_t left = locks_.ttl_ms(at.key);
    reply.integer(left < 0 || unit == 1000 ? left : (left + 500) / 1000);
    co_return;
  }
  auto found = co_await redis_.sessions.look(who, at.key);
  if (!found)
    redis_.errors->reply(out, request, found.error());
  else
    reply.integer(found->data ? (found->expires - redis_.sessions.now()) * unit : absent_ttl);
}

task<void> string_commands::del(client& who, resp_request request, std::string& out) {
  std::int64_t count = 0;
  for (std::size_t i = 1; i < request.size(); ++i) {
    const redis_target at = redis_.locate(request[i]);
    if (!at) continue;
    result<bool> removed = false;
    if (at.is_lock) {
      // Only one's own: a lock ends with its connection, so there is no dead one to be cleared away.
      const bool held = redis_.sessions.holds(who, at.key);
      std::string secret = redis_.sessions.locks().secret_of(who, at.key).value_or(std::string());
      if (held) removed = co_await redis_.sessions.locks().unlock(who, at.key, std::move(secret));
    } else {
      removed = co_await redis_.sessions.remove(who, at.key);
    }
    if (!removed) {
      redis_.errors->reply(out, request, removed.error());
      co_return;
    }
    count += *removed ? 1 : 0;
  }
  resp_writer(out).integer(count);
}

task<void> string_commands::strlen(client& who, resp_request request, std::string& out) {
  const redis_target at = redis_.locate(request[1]);
  resp_writer reply(out);
  if (!at || at.is_lock) {
    const auto secret = at ? redis_.sessions.locks().secret_of(who, at.key) : std::nullopt;
    reply.integer(static_cast<std::int64_t>(secret.value_or(std::string()).size()));
    co_return;
  }
  auto found = co_await redis_.sessions.look(who, at.key);
  if (!found)
    redis_.errors->reply(out, request, found.error());
  else
    reply.integer(static_cast<std::int64_t>(found->data.value_or(std::string()).size()));
}

}  // namespace mooring::sessiond
