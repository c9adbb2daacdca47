#include "sessiond/session/session_service.hpp"

#include <utility>

#include "mooring/base/digest.hpp"
#include "sessiond/session/session_token.hpp"
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {
namespace {

// An expiry that moves by less than this part of the TTL is not worth a write.
constexpr std::int64_t touch_fraction = 10;

std::string new_token(wall_time now, session_version read) {
  session_token out;
  out.read = read;
  out.commit = next_version(now, random_number(), read);
  return out.text();
}

result<void> check_ttl(std::int64_t ttl) {
  if (ttl >= 1 && ttl <= max_ttl_seconds) return {};
  return error(errc::invalid_argument, "invalid ttl; use 1 to " + std::to_string(max_ttl_seconds) + " seconds");
}

}  // namespace

bool expiry_is_worth_a_write(std::int64_t stored, std::int64_t wanted, std::int64_t ttl) {
  const std::int64_t moved = wanted > stored ? wanted - stored : stored - wanted;
  return moved > ttl / touch_fraction;
}

session_service::session_service(session_store& store, const clock& time, const logger& log,
                                 const session_settings& config, const asio::any_io_executor& executor)
    : store_(store),
      time_(time),
      config_(config),
      key_form_(key_form_of(config)),
      locks_(store, time, log, config, executor) {}

result<std::string> session_service::key_of(std::string_view name, std::string_view id) const {
  return session_key(name, id, key_form_);
}

result<std::string> session_service::checked_key(std::string_view key) const {
  return checked_session_key(key, key_form_);
}

task<result<opened>> session_service::look(client& who, std::string key) {
  auto read = co_await store_.load(std::move(key), budget_of(who));
  if (!read) co_return read.error();
  opened out;
  out.version_token = new_token(time_.wall(), *read ? (*read)->version : no_version);
  if (*read) {
    out.expires = (*read)->expires;
    out.data = std::move((*read)->data);
  }
  co_return out;
}

task<result<opened>> session_service::open(client& who, std::string key, open_mode mode) {
  if (mode == open_mode::read_only) co_return co_await look(who, std::move(key));
  if (who.open.count(key) == 0 && who.open.size() >= max_open_sessions)
    co_return error(errc::invalid_argument,
                    "this connection has " + std::to_string(max_open_sessions) + " sessions open; close one first");
  auto found = co_await locks_.acquire(who, key);
  if (!found) {
    who.open.erase(key);
    co_return found.error();
  }
  opened out;
  open_session session;
  if (*found) {
    session.version = (*found)->version;
    session.expires = (*found)->expires;
    session.digest = sha256((*found)->data);
    out.data = std::move((*found)->data);
  }
  out.expires = session.expires;
  out.version_token = new_token(time_.wall(), session.version);
  session.token = out.version_token;
  out.token = session.token;
  who.open[key] = std::move(session);
  co_return out;
}

// The session that `token` stands for, its lock held by `who` from here on.
task<result<open_session>> session_service::claim(client& who, const std::string& key, const std::string& token) {
  const auto found = who.open.find(key);
  if (found != who.open.end() && found->second.token == token) co_return found->second;
  const auto parsed = parse_session_token(token, wall_time(seconds(store_.now())));
  if (!parsed) co_return error(errc::invalid_argument, "invalid token; use the one that SESSION.OPEN gave");
  if (found != who.open.end())
    co_return error(errc::stale, "stale: a later SESSION.OPEN on this connection gave a new token; use that one");
  auto claimed = co_await locks_.claim(who, key);
  if (!claimed) co_return claimed.error();
  open_session session;
  session.version = parsed->read;
  session.token = token;
  co_return session;
}

task<result<void>> session_service::commit(client& who, std::string key, std::string token, std::int64_t ttl,
                                           std::string data) {
  auto valid = check_ttl(ttl);
  if (!valid) co_await close(who, key, token);
  if (!valid) co_return valid.error();
  auto session = co_await claim(who, key, token);
  if (!session) co_return session.error();
  auto stored = co_await store_changes(who, key, *session, ttl, std::move(data));
  co_await end_after(who, key, stored);
  co_return stored;
}

task<result<void>> session_service::store_changes(client& who, const std::string& key, const open_session& session,
                                                  std::int64_t ttl, std::string data) {
  result<void> nothing_to_store;
  if (data.empty() && session.version == no_version) co_return nothing_to_store;
  if (!session.digest.empty() && session.digest == sha256(data)) co_return co_await extend(who, key, session, ttl);
  session_write write;
  write.data = std::move(data);
  write.expected = session.version;
  const auto token = parse_session_token(session.token, wall_time(seconds(store_.now())));
  if (token) write.version = token->commit;
  if (write.version <= session.version) write.version = next_version(time_.wall(), random_number(), session.version);
  write.expires = store_.now() + ttl;
  const locked_write under_way = locks_.begin_write(key);
  write.lease = under_way.lease;
  std::optional<stored_session> written(std::in_place);
  if (write.lease == lease_after::keep) written->data = write.data;
  written->version = write.version;
  written->expires = write.expires;
  auto saved = co_await store_.save(key, std::move(write), budget_of(who));
  if (!saved) written.reset();
  locks_.end_write(under_way, std::move(written));
  co_return saved;
}

task<result<void>> session_service::extend(client& who, const std::string& key, const open_session& session,
                                           std::int64_t ttl) {
  const std::int64_t expires = store_.now() + ttl;
  result<void> not_worth_a_write;
  if (session.version == no_version || !expiry_is_worth_a_write(session.expires, expires, ttl))
    co_return not_worth_a_write;
  std::optional<stored_session> moved = locks_.known(key);
  if (moved) moved->expires = expires;
  const locked_write under_way = locks_.begin_write(key);
  session_touch touch;
  touch.version = session.version;
  touch.expires = expires;
  touch.lease = under_way.lease;
  auto touched = co_await store_.touch(key, touch, budget_of(who));
  if (!touched) moved.reset();
  locks_.end_write(under_way, std::move(moved));
  co_return touched;
}

task<result<void>> session_service::touch(client& who, std::string key, std::string token, std::int64_t ttl) {
  auto valid = check_ttl(ttl);
  if (!valid) co_await close(who, key, token);
  if (!valid) co_return valid.error();
  auto session = co_await claim(who, key, token);
  if (!session) co_return session.error();
  auto extended = co_await extend(who, key, *session, ttl);
  co_await end_after(who, key, extended);
  co_return extended;
}

task<void> session_service::close(client& who, std::string key, std::string token) {
  const auto found = who.open.find(key);
  const bool known = found != who.open.end() && found->second.token == token;
  if (known) co_await end(who, key);
}

task<result<bool>> session_service::destroy(client& who, std::string key) {
  const auto open_here = who.open.find(key);
  const session_version known = open_here == who.open.end() ? no_version : open_here->second.version;
  auto removed = co_await store_.remove(key, known, budget_of(who));
  const auto still_open = who.open.find(key);
  if (removed && still_open != who.open.end()) {
    still_open->second.version = no_version;
    still_open->second.digest.clear();
  }
  if (removed) locks_.removed(key);
  co_return removed;
}

task<result<bool>> session_service::exists(client& who, std::string key) {
  co_return co_await store_.exists(std::move(key), budget_of(who));
}

task<void> session_service::end(client& who, std::string key) {
  who.open.erase(key);
  co_await locks_.release(who.id, std::move(key), budget_of(who));
}

// An answer that says that the store failed does not wait for the store to take the lease back: that fails, too, and
// takes as long again.
task<void> session_service::end_after(client& who, const std::string& key, const result<void>& written) {
  const bool store_failed = !written && !written.error().meaning().callers_fault;
  if (store_failed)
    end_behind(who, key);
  else
    co_await end(who, key);
}

void session_service::end_behind(client& who, const std::string& key) {
  who.open.erase(key);
  locks_.release_behind(who.id, key);
}

task<void> session_service::reset(client& who) {
  while (!who.open.empty()) {
    const std::string key = who.open.begin()->first;
    co_await end(who, key);
  }
}

void session_service::release(client& who, const std::string& key, const std::string& token) {
  const auto found = who.open.find(key);
  if (found != who.open.end() && found->second.token == token) end_behind(who, key);
}

void session_service::release_all(client& who) {
  for (const auto& [key, session] : std::exchange(who.open, {}))
    locks_.release_behind(who.id, key);
}

}  // namespace mooring::sessiond
