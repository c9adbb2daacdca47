#include "sessiond/command/session_service.hpp"

#include <charconv>

#include "mooring/base/digest.hpp"
#include "sessiond/command/version_clock.hpp"
#include "sessiond/store/item_schema.hpp"

namespace mooring::sessiond {
namespace {

// An expiry that moves by less than this part of the TTL is not worth a write.
constexpr std::int64_t touch_fraction = 10;

std::string new_token(session_version version) {
  return std::to_string(version) + "-" + to_hex(random_bytes(8));
}

std::optional<session_version> version_in(const std::string& token) {
  session_version out = no_version;
  const auto [end, ec] = std::from_chars(token.data(), token.data() + token.size(), out);
  if (ec != std::errc{} || end == token.data() + token.size() || *end != '-' || out < 0) return std::nullopt;
  return out;
}

std::uint32_t chance() {
  const std::string bytes = random_bytes(2);
  return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]));
}

result<void> check_ttl(std::int64_t ttl) {
  if (ttl >= 1 && ttl <= max_ttl_seconds) return {};
  return error(errc::invalid_argument, "invalid ttl; use 1 to " + std::to_string(max_ttl_seconds) + " seconds");
}

}  // namespace

session_service::session_service(session_store& store, const clock& time, const session_settings& config,
                                 const asio::any_io_executor& executor)
    : store_(store), time_(time), config_(config), key_form_(key_form_of(config)), locks_(executor) {}

result<std::string> session_service::key_of(std::string_view name, std::string_view id) const {
  return session_key(name, id, key_form_);
}

task<result<void>> session_service::lock(client& who, const std::string& key) {
  result<void> granted;
  if (config_.locking == "none") co_return granted;
  const auto deadline = time_.steady() + config_.lock_wait;
  co_return co_await locks_.acquire(key, who.id, deadline, who.gone);
}

void session_service::unlock(client& who, const std::string& key) {
  who.open.erase(key);
  locks_.release(key, who.id);
}

task<result<opened>> session_service::open(client& who, std::string key, open_mode mode) {
  const bool exclusive = mode == open_mode::exclusive;
  if (exclusive && who.open.count(key) == 0 && who.open.size() >= max_open_sessions)
    co_return error(errc::invalid_argument,
                    "this connection has " + std::to_string(max_open_sessions) + " sessions open; close one first");
  if (exclusive) {
    auto locked = co_await lock(who, key);
    if (!locked) co_return locked.error();
  }
  auto found = co_await read(who, key, mode);
  if (!found) {
    if (exclusive) unlock(who, key);
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
  if (exclusive) {
    session.token = new_token(session.version);
    out.token = session.token;
    who.open[key] = std::move(session);
  }
  co_return out;
}

task<result<std::optional<stored_session>>> session_service::read(client& who, const std::string& key, open_mode mode) {
  const bool waits = mode == open_mode::exclusive && config_.locking != "none";
  if (!waits) co_return co_await store_.load(key, budget_of(who));
  lock_patience patience;
  patience.until = time_.steady() + config_.lock_wait;
  patience.gone = who.gone;
  co_return co_await store_.load_to_write(key, std::move(patience), budget_of(who));
}

// The session that `token` stands for, its lock held by `who` from here on.
result<open_session> session_service::claim(client& who, const std::string& key, const std::string& token) {
  const auto found = who.open.find(key);
  if (found != who.open.end() && found->second.token == token) return found->second;
  const auto version = version_in(token);
  if (!version) return error(errc::invalid_argument, "invalid token; use the one that SESSION.OPEN gave");
  if (found != who.open.end())
    return error(errc::stale, "stale: a later SESSION.OPEN on this connection gave a new token; use that one");
  if (config_.locking != "none" && !locks_.try_acquire(key, who.id))
    return error(errc::stale, "stale: the lock was lost and another request has it; the stored session is unchanged");
  open_session session;
  session.version = *version;
  return session;
}

task<result<void>> session_service::commit(client& who, std::string key, std::string token, std::int64_t ttl,
                                           std::string data) {
  auto valid = check_ttl(ttl);
  if (!valid) close(who, key, token);
  if (!valid) co_return valid.error();
  auto session = claim(who, key, token);
  if (!session) co_return session.error();
  auto stored = co_await store_changes(who, key, *session, ttl, std::move(data));
  unlock(who, key);
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
  write.version = next_version(time_.wall(), chance(), session.version);
  write.expires = store_.now() + ttl;
  co_return co_await store_.save(key, std::move(write), budget_of(who));
}

task<result<void>> session_service::extend(client& who, const std::string& key, const open_session& session,
                                           std::int64_t ttl) {
  const std::int64_t expires = store_.now() + ttl;
  const std::int64_t moved = expires > session.expires ? expires - session.expires : session.expires - expires;
  result<void> not_worth_a_write;
  if (session.version == no_version || moved <= ttl / touch_fraction) co_return not_worth_a_write;
  co_return co_await store_.touch(key, session.version, expires, budget_of(who));
}

task<result<void>> session_service::touch(client& who, std::string key, std::string token, std::int64_t ttl) {
  auto valid = check_ttl(ttl);
  if (!valid) close(who, key, token);
  if (!valid) co_return valid.error();
  auto session = claim(who, key, token);
  if (!session) co_return session.error();
  auto extended = co_await extend(who, key, *session, ttl);
  unlock(who, key);
  co_return extended;
}

void session_service::close(client& who, const std::string& key, const std::string& token) {
  const auto found = who.open.find(key);
  if (found != who.open.end() && found->second.token == token) unlock(who, key);
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
  co_return removed;
}

task<result<bool>> session_service::exists(client& who, std::string key) {
  co_return co_await store_.exists(key, budget_of(who));
}

void session_service::release_all(client& who) {
  while (!who.open.empty())
    unlock(who, std::string(who.open.begin()->first));
}

}  // namespace mooring::sessiond
