#include "sessiond/redis/redis_sessions.hpp"

#include "mooring/base/digest.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;
using phase = session_view::phase;

// Blind saves of one session by several connections meet; each try waits a little longer.
constexpr int blind_tries = 5;
constexpr auto blind_pause = 5ms;

error stored_by_another() {
  return error(errc::stale, "stale: another request stored a newer version; the stored session is unchanged");
}

}  // namespace

void redis_sessions::forget(client& who) {
  locks_.forget(who);
  views_.forget(who.id);
}

task<void> redis_sessions::start_anew(client& who) {
  begin(who);
  for (const auto& [key, view] : views_.of(who).views)
    if (view.at == phase::locked) co_await sessions_.close(who, key, view.lock_token);
  forget(who);
}

task<result<opened>> redis_sessions::look(client& who, std::string key) {
  co_return co_await sessions_.open(who, std::move(key), open_mode::read_only);
}

task<result<std::optional<std::string>>> redis_sessions::read(client& who, std::string key) {
  known_client& mine = views_.of(who);
  const auto found = mine.views.find(key);
  if (found != mine.views.end() && found->second.at == phase::barred) co_return found->second.why;
  const bool locked = found != mine.views.end() && found->second.at == phase::locked;
  if (locked && found->second.is_unread) {
    found->second.is_unread = false;
    co_return std::exchange(found->second.unread, std::nullopt);
  }
  const auto mode = locked ? open_mode::exclusive : open_mode::read_only;
  auto outcome = co_await sessions_.open(who, key, mode);
  if (!outcome) {
    if (locked) locks_.let_go(who, key, found->second);
    co_return outcome.error();
  }
  session_view& view = views_.remember(who, key);
  view.token = outcome->version_token;
  if (locked) view.lock_token = outcome->version_token;
  if (!locked) view.at = phase::seen;
  view.exists = outcome->data.has_value();
  view.expires = outcome->expires;
  if (!locked) view.digest = sha256(outcome->data.value_or(std::string()));
  co_return std::move(outcome->data);
}

task<result<void>> redis_sessions::save(client& who, std::string key, std::int64_t ttl, std::string data) {
  known_client& mine = views_.of(who);
  const auto found = mine.views.find(key);
  if (found == mine.views.end()) co_return co_await save_unseen(who, std::move(key), ttl, std::move(data));
  session_view& view = found->second;
  if (view.at == phase::barred) co_return view.why;
  if (view.at == phase::seen) co_return co_await save_seen(who, std::move(key), view, ttl, std::move(data));
  std::string digest = sha256(data);
  if (view.at == phase::stored) {
    std::string before = view.digest;
    auto again = co_await save_again(who, std::move(key), std::move(before), ttl, std::move(data));
    if (again) view.digest = std::move(digest);
    co_return again;
  }
  std::string token = view.token;
  auto stored = co_await sessions_.commit(who, key, std::move(token), ttl, std::move(data));
  // A refused token leaves the lock where it is; here every save ends it.
  co_await sessions_.close(who, key, view.lock_token);
  locks_.let_go(who, key, view);
  if (!stored) co_return stored;
  view.at = phase::stored;
  view.digest = std::move(digest);
  co_return stored;
}

task<result<void>> redis_sessions::save_seen(client& who, std::string key, session_view& view, std::int64_t ttl,
                                             std::string data) {
  const bool unchanged = view.exists && view.expires > sessions_.now() && view.digest == sha256(data);
  if (unchanged) {
    auto moved = co_await extend(who, key, view.token, view.expires, ttl);
    if (!moved) co_return moved.error();
    result<void> kept;
    co_return kept;
  }
  std::string token = view.token;
  auto stored = co_await sessions_.commit(who, key, std::move(token), ttl, std::move(data));
  // The new version is not told, so the next save is as of a session that was never read.
  if (stored) views_.erase(who, key);
  co_return stored;
}

// `digest`: of what this connection stored last, under a lock that it has given up with it.
task<result<void>> redis_sessions::save_again(client& who, std::string key, std::string digest, std::int64_t ttl,
                                              std::string data) {
  auto now = co_await look(who, key);
  if (!now) co_return now.error();
  if (sha256(now->data.value_or(std::string())) != digest) co_return stored_by_another();
  std::string token = now->version_token;
  co_return co_await sessions_.commit(who, std::move(key), std::move(token), ttl, std::move(data));
}

task<result<void>> redis_sessions::save_unseen(client& who, std::string key, std::int64_t ttl, std::string data) {
  for (int tries = 1;; ++tries) {
    auto now = co_await look(who, key);
    if (!now) co_return now.error();
    std::string token = now->version_token;
    auto stored = co_await sessions_.commit(who, key, std::move(token), ttl, data);
    if (stored || stored.error().code() != errc::stale || tries == blind_tries) co_return stored;
    co_await sleep_for(tries * blind_pause);
  }
}

task<result<bool>> redis_sessions::save_if(client& who, std::string key, std::int64_t ttl, std::string data,
                                           bool wanted) {
  const session_view* known = view_of(who, key);
  if (known != nullptr && known->at == phase::barred) co_return known->why;
  auto now = co_await look(who, key);
  if (!now) co_return now.error();
  if (now->data.has_value() != wanted) co_return false;
  std::string token = now->version_token;
  auto stored = co_await sessions_.commit(who, key, std::move(token), ttl, std::move(data));
  if (!stored) co_return stored.error();
  if (!holds(who, key)) views_.erase(who, key);
  co_return true;
}

task<result<bool>> redis_sessions::extend(client& who, std::string key, std::string token, std::int64_t expires,
                                          std::int64_t ttl) {
  if (!expiry_is_worth_a_write(expires, sessions_.now() + ttl, ttl)) co_return true;
  auto moved = co_await sessions_.touch(who, std::move(key), std::move(token), ttl);
  if (moved) co_return true;
  // Somebody else has the lock, and moves the expiry when he stores.
  if (moved.error().code() == errc::stale) co_return false;
  co_return moved.error();
}

task<result<bool>> redis_sessions::touch(client& who, std::string key, std::int64_t ttl) {
  session_view* view = view_of(who, key);
  if (view == nullptr || view->at == phase::stored) {
    auto now = co_await look(who, key);
    if (!now) co_return now.error();
    if (!now->data) co_return false;
    std::string token = now->version_token;
    co_return co_await extend(who, std::move(key), std::move(token), now->expires, ttl);
  }
  if (view->at == phase::barred) co_return view->why;
  if (view->at == phase::seen) {
    if (!view->exists) co_return false;
    auto moved = co_await extend(who, key, view->token, view->expires, ttl);
    if (moved && *moved) view->expires = sessions_.now() + ttl;
    co_return moved;
  }
  if (view->kind == lock_kind::hash_field) {
    view->ttl_at_release = ttl;
    co_return true;
  }
  std::string token = view->lock_token;
  auto moved = co_await sessions_.touch(who, key, std::move(token), ttl);
  locks_.let_go(who, key, *view);
  if (!moved) co_return moved.error();
  co_return view->exists;
}

task<result<bool>> redis_sessions::remove(client& who, std::string key) {
  auto removed = co_await sessions_.destroy(who, key);
  session_view* view = view_of(who, key);
  if (!removed || view == nullptr) co_return removed;
  if (view->at != phase::locked) {
    views_.erase(who, key);
    co_return removed;
  }
  view->exists = false;
  view->unread.reset();
  if (view->kind == lock_kind::own_key) co_return removed;
  // The lock was a field of what is gone.
  co_await sessions_.close(who, key, view->lock_token);
  views_.erase(who, key);
  locks_.notes().drop(key, who.id);
  co_return removed;
}

task<result<bool>> redis_sessions::exists(client& who, std::string key) {
  co_return co_await sessions_.exists(who, std::move(key));
}

}  // namespace mooring::sessiond
