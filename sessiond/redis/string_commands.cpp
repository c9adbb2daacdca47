// Sessions as string keys: what php-redis's session handler sends, and what redis-cli and redis-benchmark add.
#include "sessiond/redis/redis_dialect.hpp"
#include "sessiond/redis/set_options.hpp"
#include "sessiond/resp/words.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::int64_t absent_ttl = -2;  // what Redis says of a key that does not exist

}  // namespace

std::vector<command> redis_dialect::string_commands() {
  return {
      {"get", 2, 2, bind(&redis_dialect::get)},
      {"getex", 2, 4, bind(&redis_dialect::getex)},
      {"set", 3, max_arguments, bind(&redis_dialect::set)},
      {"setex", 4, 4, bind(&redis_dialect::setex)},
      {"exists", 2, max_arguments, bind(&redis_dialect::exists)},
      {"expire", 3, 3, bind(&redis_dialect::expire), false, true},
      {"ttl", 2, 2, bind(&redis_dialect::ttl)},
      {"pttl", 2, 2, bind(&redis_dialect::ttl)},
      {"del", 2, max_arguments, bind(&redis_dialect::del)},
      {"unlink", 2, max_arguments, bind(&redis_dialect::del)},
      {"strlen", 2, 2, bind(&redis_dialect::strlen)},
  };
}

task<void> redis_dialect::get(client& who, resp_request request, std::string& out) {
  resp_writer reply(out);
  const target at = locate(request[1]);
  std::optional<std::string> value;
  if (at && at.is_lock) {
    value = sessions_.secret_of(who, at.key);
  } else if (at) {
    auto outcome = co_await sessions_.read(who, at.key);
    if (!outcome) {
      errors_->reply(out, request, outcome.error());
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
task<void> redis_dialect::getex(client& who, resp_request request, std::string& out) {
  const auto options = parse_set_options(std::span(request).subspan(2));
  if (!options || options->only_new || options->only_existing) {
    resp_writer(out).error("syntax error; GETEX takes EX and PX");
    co_return;
  }
  const target at = locate(request[1]);
  if (at && !at.is_lock && options->life) {
    auto outcome = co_await sessions_.read(who, at.key);
    if (!outcome) {
      errors_->reply(out, request, outcome.error());
      co_return;
    }
    const std::int64_t seconds = whole_seconds(*options->life);
    session_view* view = sessions_.view_of(who, at.key);
    if (view->at == session_view::phase::locked) {
      view->ttl_at_release = seconds;
    } else if (*outcome) {
      auto moved = co_await sessions_.touch(who, at.key, seconds);
      if (!moved) errors_->note(request, moved.error());
    }
    if (*outcome)
      resp_writer(out).bulk(**outcome);
    else
      resp_writer(out).nil();
    co_return;
  }
  co_await get(who, std::move(request), out);
}

task<void> redis_dialect::set(client& who, resp_request request, std::string& out) {
  const target at = locate(request[1]);
  if (at.is_lock) {
    co_await set_lock(who, std::move(request), out);
    co_return;
  }
  const auto options = parse_set_options(std::span(request).subspan(3));
  if (!at || !options) {
    errors_->reply(out, request, at ? options.error() : at.fault);
    co_return;
  }
  const std::int64_t seconds = options->life ? whole_seconds(*options->life) : ttl_unless_given;
  std::string data = std::move(request[2]);
  if (!options->only_new && !options->only_existing) {
    co_await store(who, std::move(request), out, std::move(data), seconds);
    co_return;
  }
  auto outcome = co_await sessions_.save_if(who, at.key, seconds, std::move(data), options->only_existing);
  if (!outcome)
    errors_->reply(out, request, outcome.error());
  else if (*outcome)
    resp_writer(out).ok();
  else
    resp_writer(out).nil();
}

task<void> redis_dialect::setex(client& who, resp_request request, std::string& out) {
  const auto seconds = whole_number(request[2]);
  if (!seconds || *seconds < 1 || *seconds > max_ttl_seconds) {
    resp_writer(out).error("invalid expire time in 'setex' command");
    co_return;
  }
  std::string data = std::move(request[3]);
  co_await store(who, std::move(request), out, std::move(data), *seconds);
}

task<void> redis_dialect::store(client& who, resp_request request, std::string& out, std::string data,
                                std::int64_t seconds) {
  const target at = locate(request[1]);
  if (!at || at.is_lock) {
    const error not_a_session(errc::invalid_argument, "a lock is taken with SET key secret NX");
    errors_->reply(out, request, at ? not_a_session : at.fault);
    co_return;
  }
  auto stored = co_await sessions_.save(who, at.key, seconds, std::move(data));
  errors_->reply_done(out, request, stored);
}

task<void> redis_dialect::exists(client& who, resp_request request, std::string& out) {
  std::int64_t count = 0;
  for (std::size_t i = 1; i < request.size(); ++i) {
    const target at = locate(request[i]);
    if (!at) continue;
    if (at.is_lock) {
      count += sessions_.secret_of(who, at.key) ? 1 : 0;
      continue;
    }
    auto found = co_await sessions_.exists(who, at.key);
    if (!found) {
      errors_->reply(out, request, found.error());
      co_return;
    }
    count += *found ? 1 : 0;
  }
  resp_writer(out).integer(count);
}

task<void> redis_dialect::expire(client& who, resp_request request, std::string& out) {
  const auto seconds = whole_number(request[2]);
  const target at = locate(request[1]);
  known_client& mine = clients_[who.id];
  const bool awaited =
      mine.pending && at && mine.pending->key == at.key && seconds && *seconds > 0 && *seconds <= max_ttl_seconds;
  const std::int64_t with_save = awaited ? *seconds : 0;
  const bool stored = co_await finish(who, out, with_save);
  if (awaited) {
    resp_writer(out).integer(stored ? 1 : 0);
    co_return;
  }
  if (!seconds || *seconds > max_ttl_seconds) {
    resp_writer(out).error("invalid expire time in 'expire' command");
    co_return;
  }
  if (!at || at.is_lock) {
    const bool moved = at && *seconds > 0 && sessions_.expire_lock(who, at.key, mooring::seconds(*seconds));
    resp_writer(out).integer(moved ? 1 : 0);
    co_return;
  }
  auto outcome = co_await expire_in(who, at.key, *seconds);
  errors_->reply_flag(out, request, outcome);
}

// An expiry in the past removes, as in Redis.
task<result<bool>> redis_dialect::expire_in(client& who, std::string key, std::int64_t seconds) {
  if (seconds <= 0) co_return co_await sessions_.remove(who, std::move(key));
  co_return co_await sessions_.touch(who, std::move(key), seconds);
}

task<void> redis_dialect::ttl(client& who, resp_request request, std::string& out) {
  const target at = locate(request[1]);
  const std::int64_t unit = lower(request[0]) == "pttl" ? 1000 : 1;
  resp_writer reply(out);
  if (!at) {
    reply.integer(absent_ttl);
    co_return;
  }
  if (at.is_lock) {
    const std::int64_t left = lock_ttl_ms(at.key);
    reply.integer(left < 0 || unit == 1000 ? left : (left + 500) / 1000);
    co_return;
  }
  auto found = co_await sessions_.look(who, at.key);
  if (!found)
    errors_->reply(out, request, found.error());
  else
    reply.integer(found->data ? (found->expires - sessions_.now()) * unit : absent_ttl);
}

task<void> redis_dialect::del(client& who, resp_request request, std::string& out) {
  std::int64_t count = 0;
  for (std::size_t i = 1; i < request.size(); ++i) {
    const target at = locate(request[i]);
    if (!at) continue;
    result<bool> removed = false;
    if (at.is_lock) {
      // Only one's own: a lock ends with its connection, so there is no dead one to be cleared away.
      const bool held = sessions_.holds(who, at.key);
      std::string secret = sessions_.secret_of(who, at.key).value_or(std::string());
      if (held) removed = co_await sessions_.unlock(who, at.key, std::move(secret));
    } else {
      removed = co_await sessions_.remove(who, at.key);
    }
    if (!removed) {
      errors_->reply(out, request, removed.error());
      co_return;
    }
    count += *removed ? 1 : 0;
  }
  resp_writer(out).integer(count);
}

task<void> redis_dialect::strlen(client& who, resp_request request, std::string& out) {
  const target at = locate(request[1]);
  resp_writer reply(out);
  if (!at || at.is_lock) {
    const auto secret = at ? sessions_.secret_of(who, at.key) : std::nullopt;
    reply.integer(static_cast<std::int64_t>(secret.value_or(std::string()).size()));
    co_return;
  }
  auto found = co_await sessions_.look(who, at.key);
  if (!found)
    errors_->reply(out, request, found.error());
  else
    reply.integer(static_cast<std::int64_t>(found->data.value_or(std::string()).size()));
}

}  // namespace mooring::sessiond
