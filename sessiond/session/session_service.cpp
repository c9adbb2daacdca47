#include "sessiond/session/session_service.hpp"

#include <algorithm>
#include <utility>

#include "mooring/base/digest.hpp"
#include "mooring/net/deadline.hpp"
#include "sessiond/session/session_token.hpp"
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {
namespace {

// An expiry that moves by less than this part of the TTL is not worth a write.
constexpr std::int64_t touch_fraction = 10;

// How often a node looks whether another one has given a session back: 50 to 150 ms, by chance so that none is
// favoured.
constexpr std::int64_t shortest_look_ms = 50;
constexpr std::uint32_t look_spread_ms = 100;

// How often a client that wants a session again looks whether its own release behind its back is over.
constexpr milliseconds release_look{2};

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
      log_(log),
      config_(config),
      key_form_(key_form_of(config)),
      locks_(executor),
      leases_(config.lease),
      renewal_(executor) {}

result<std::string> session_service::key_of(std::string_view name, std::string_view id) const {
  return session_key(name, id, key_form_);
}

result<std::string> session_service::checked_key(std::string_view key) const {
  return checked_session_key(key, key_form_);
}

task<result<void>> session_service::wait_for_turn(client& who, const std::string& key, steady_time give_up) {
  result<void> not_needed;
  if (config_.locking == "none") co_return not_needed;
  co_return co_await locks_.acquire(key, who.id, give_up, who.gone);
}

task<result<session_service::found_session>> session_service::lease_and_read(client& who, const std::string& key,
                                                                             steady_time give_up) {
  if (!clustered()) co_return co_await read_when_free(who, key, give_up);
  const stored_session* handed_over = leases_.usable(key, time_.steady());
  if (handed_over != nullptr && handed_over->expires > store_.now()) co_return found_session(*handed_over);
  for (;;) {
    const steady_time asked = time_.steady();
    auto leased = co_await store_.acquire(key, budget_of(who));
    if (!leased) co_return leased.error();
    if (leased->answer == lease_answer::absent) co_return found_session();
    if (leased->answer == lease_answer::taken) {
      leases_.hold(key, leased->session, asked);
      co_return found_session(std::move(leased->session));
    }
    auto free = co_await wait_for_other_node(who, key, give_up);
    if (!free) co_return free.error();
  }
}

// Without leases only another program on the same table can have it locked, and its lock is minded all the same.
task<result<session_service::found_session>> session_service::read_when_free(client& who, const std::string& key,
                                                                             steady_time give_up) {
  for (;;) {
    auto found = co_await store_.load(key, budget_of(who));
    const bool locked = found && *found && (*found)->leased_elsewhere;
    if (!locked || config_.locking == "none") co_return found;
    auto free = co_await wait_for_other_node(who, key, give_up);
    if (!free) co_return free.error();
  }
}

// Looks with reads, which cost a fraction of a refused write, until the other node's lease is gone.
task<result<void>> session_service::wait_for_other_node(client& who, const std::string& key, steady_time give_up) {
  result<void> free;
  for (;;) {
    const auto pause = milliseconds(shortest_look_ms + random_number() % look_spread_ms);
    if (time_.steady() + pause > give_up)
      co_return error(errc::busy, "busy: another node held this session for longer than sessions.lock_wait");
    co_await sleep_for(pause);
    if (who.gone()) co_return error(errc::cancelled, "the client hung up while it waited");
    auto seen = co_await store_.load(key, budget_of(who));
    if (!seen) co_return seen.error();
    if (!*seen || !(*seen)->leased_elsewhere) co_return free;
  }
}

task<result<opened>> session_service::open(client& who, std::string key, open_mode mode) {
  const bool exclusive = mode == open_mode::exclusive;
  if (exclusive && who.open.count(key) == 0 && who.open.size() >= max_open_sessions)
    co_return error(errc::invalid_argument,
                    "this connection has " + std::to_string(max_open_sessions) + " sessions open; close one first");
  opened out;
  if (!exclusive) {
    auto read = co_await store_.load(key, budget_of(who));
    if (!read) co_return read.error();
    out.version_token = new_token(time_.wall(), *read ? (*read)->version : no_version);
    if (*read) {
      out.expires = (*read)->expires;
      out.data = std::move((*read)->data);
    }
    co_return out;
  }
  const steady_time give_up = time_.steady() + std::min(who.patience.value_or(config_.lock_wait), config_.lock_wait);
  while (releasing_.count({who.id, key}) != 0)
    co_await sleep_for(release_look);
  auto turn = co_await wait_for_turn(who, key, give_up);
  if (!turn) co_await give_back_if_last(who, key);
  if (!turn) co_return turn.error();
  auto found = co_await lease_and_read(who, key, give_up);
  if (!found) {
    co_await end(who, key);
    co_return found.error();
  }
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
result<open_session> session_service::claim(client& who, const std::string& key, const std::string& token) {
  const auto found = who.open.find(key);
  if (found != who.open.end() && found->second.token == token) return found->second;
  const auto parsed = parse_session_token(token);
  if (!parsed) return error(errc::invalid_argument, "invalid token; use the one that SESSION.OPEN gave");
  if (found != who.open.end())
    return error(errc::stale, "stale: a later SESSION.OPEN on this connection gave a new token; use that one");
  if (config_.locking != "none" && !locks_.try_acquire(key, who.id))
    return error(errc::stale, "stale: the lock was lost and another request has it; the stored session is unchanged");
  open_session session;
  session.version = parsed->read;
  session.token = token;
  return session;
}

task<result<void>> session_service::commit(client& who, std::string key, std::string token, std::int64_t ttl,
                                           std::string data) {
  auto valid = check_ttl(ttl);
  if (!valid) co_await close(who, key, token);
  if (!valid) co_return valid.error();
  auto session = claim(who, key, token);
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
  write.version = parse_session_token(session.token)->commit;
  if (write.version <= session.version) write.version = next_version(time_.wall(), random_number(), session.version);
  write.expires = store_.now() + ttl;
  write.lease = lease_after_write(key);
  stored_session written;
  written.data = write.lease == lease_after::keep ? write.data : std::string();
  written.version = write.version;
  written.expires = write.expires;
  const lease_after lease = write.lease;
  leases_.unsure(key);
  const steady_time asked = time_.steady();
  auto saved = co_await store_.save(key, std::move(write), budget_of(who));
  if (saved) note_write(key, lease, std::move(written), asked);
  co_return saved;
}

task<result<void>> session_service::extend(client& who, const std::string& key, const open_session& session,
                                           std::int64_t ttl) {
  const std::int64_t expires = store_.now() + ttl;
  result<void> not_worth_a_write;
  if (session.version == no_version || !expiry_is_worth_a_write(session.expires, expires, ttl))
    co_return not_worth_a_write;
  session_touch touch;
  touch.version = session.version;
  touch.expires = expires;
  touch.lease = lease_after_write(key);
  const stored_session* kept = leases_.usable(key, time_.steady());
  std::optional<stored_session> handed_on;
  if (kept != nullptr) handed_on = *kept;
  leases_.unsure(key);
  const steady_time asked = time_.steady();
  auto touched = co_await store_.touch(key, touch, budget_of(who));
  if (!touched || !handed_on) co_return touched;
  handed_on->expires = expires;
  note_write(key, touch.lease, std::move(*handed_on), asked);
  co_return touched;
}

task<result<void>> session_service::touch(client& who, std::string key, std::string token, std::int64_t ttl) {
  auto valid = check_ttl(ttl);
  if (!valid) co_await close(who, key, token);
  if (!valid) co_return valid.error();
  auto session = claim(who, key, token);
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
  if (removed) leases_.forget(key);
  co_return removed;
}

task<result<bool>> session_service::exists(client& who, std::string key) {
  co_return co_await store_.exists(std::move(key), budget_of(who));
}

}  // namespace mooring::sessiond
