#include "sessiond/redis/redis_locks.hpp"

#include <algorithm>
#include <utility>

#include "mooring/base/digest.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

// php-redis repeats a refused SET NX every 2 to 20 ms. What has waited once is answered at once for so long; otherwise
// the waits would multiply by its retries.
constexpr auto repeats_of_one_request = 3s;

// A lock does not end in the middle of its holder's command.
constexpr auto expiry_retry = 50ms;

}  // namespace

// Whether this very lock request cannot succeed, so that it need not wait.
bool redis_locks::is_hopeless(client& who, const lock_request& wanted) {
  const known_client& mine = views_.of(who);
  if (wanted.kind != lock_kind::own_key) return false;
  const bool repeated = mine.refused && mine.refused->key == wanted.key && mine.refused->secret == wanted.secret &&
                        time_.steady() - mine.refused->when < repeats_of_one_request;
  if (repeated) return true;
  const auto known = mine.views.find(wanted.key);
  // The same secret is the same PHP process, whose earlier request has left the lock behind.
  if (known != mine.views.end() && known->second.at == session_view::phase::locked)
    return known->second.secret != wanted.secret;
  // A process that waits for itself: session_reset() asks on a new connection while the old one holds the lock.
  const lock_note* note = notes_.find(wanted.key);
  return note != nullptr && note->secret == wanted.secret && note->process == who.process && who.process != 0 &&
         sessions_.locks().holds(wanted.key, note->owner);
}

task<result<bool>> redis_locks::lock(client& who, lock_request wanted) {
  if (is_hopeless(who, wanted)) co_return false;
  views_.of(who).refused.reset();
  who.patience = wanted.patience;
  auto outcome = co_await sessions_.open(who, wanted.key, open_mode::exclusive);
  who.patience.reset();
  if (!outcome) {
    note_failure(who, wanted, outcome.error());
    co_return outcome.error();
  }
  session_view& view = views_.remember(who, wanted.key);
  view.at = session_view::phase::locked;
  view.kind = wanted.kind;
  view.token = view.lock_token = *outcome->token;
  view.secret = wanted.secret;
  view.exists = outcome->data.has_value();
  view.expires = outcome->expires;
  view.unread = std::move(outcome->data);
  view.is_unread = true;
  view.ttl_at_release = 0;
  note_lock(who, wanted);
  co_return true;
}

void redis_locks::note_failure(client& who, const lock_request& wanted, const error& why) {
  known_client& mine = views_.of(who);
  const auto known = mine.views.find(wanted.key);
  if (known != mine.views.end() && known->second.at == session_view::phase::locked)
    let_go(who, wanted.key, known->second);
  if (wanted.kind != lock_kind::own_key) return;
  if (!is_outage(why)) {
    mine.refused = lock_refusal{wanted.key, wanted.secret, time_.steady()};
    return;
  }
  session_view& view = views_.remember(who, wanted.key);
  view.at = session_view::phase::barred;
  view.secret = wanted.secret;
  view.why = why;
}

bool redis_locks::is_outage(const error& why) {
  return !why.meaning().callers_fault && why.code() != errc::cancelled;
}

void redis_locks::note_lock(client& who, const lock_request& wanted) {
  lock_note note;
  note.owner = who.id;
  note.secret = wanted.secret;
  note.process = who.process;
  notes_.put(wanted.key, std::move(note));
  session_view& view = *views_.view_of(who, wanted.key);
  view.expiry.reset();
  if (wanted.life > 0ms) start_expiry(who, wanted.key, view, wanted.life);
}

void redis_locks::start_expiry(client& who, const std::string& key, session_view& view, milliseconds life) {
  if (lock_note* note = notes_.find(key); note != nullptr && note->owner == who.id) note->until = time_.steady() + life;
  view.expiry = std::make_shared<asio::steady_timer>(executor_, life);
  std::weak_ptr<asio::steady_timer> guard = view.expiry;
  view.expiry->async_wait([this, owner = who.id, key, guard](error_code cancelled) {
    const auto timer = guard.lock();
    if (!cancelled && timer) on_expiry(owner, key, timer);
  });
}

void redis_locks::on_expiry(owner_id owner, const std::string& key, const std::shared_ptr<asio::steady_timer>& timer) {
  known_client* known = views_.find(owner);
  if (known == nullptr) return;
  const auto found = known->views.find(key);
  // A timer that was replaced after it had gone off is not the lock's any more.
  if (found == known->views.end() || found->second.expiry != timer) return;
  client& who = *known->who;
  if (known->busy) return start_expiry(who, key, found->second, expiry_retry);
  sessions_.release(who, key, found->second.lock_token);
  let_go(who, key, found->second);
  found->second.secret.clear();
}

bool redis_locks::expire_lock(client& who, const std::string& key, milliseconds life) {
  session_view* view = views_.view_of(who, key);
  if (view == nullptr || view->at != session_view::phase::locked) return false;
  start_expiry(who, key, *view, life);
  return true;
}

void redis_locks::let_go(client& who, const std::string& key, session_view& view) {
  notes_.drop(key, who.id);
  view.unlocked();
}

void redis_locks::forget(client& who) {
  if (const known_client* mine = views_.find(who.id))
    for (const auto& [key, view] : mine->views)
      notes_.drop(key, who.id);
  notes_.forget(who.id);
}

bool redis_locks::expects_release(const client& who) const {
  const known_client* mine = views_.find(who.id);
  if (mine == nullptr) return false;
  return std::any_of(mine->views.begin(), mine->views.end(), [](const auto& entry) {
    return entry.second.kind == lock_kind::own_key && !entry.second.secret.empty();
  });
}

task<result<bool>> redis_locks::unlock(client& who, std::string key, std::string secret) {
  known_client& mine = views_.of(who);
  const auto found = mine.views.find(key);
  if (found == mine.views.end() || found->second.secret != secret) co_return false;
  session_view& view = found->second;
  // Released already, or never locked: only a secret tells that it was.
  if (view.at != session_view::phase::locked && secret.empty()) co_return false;
  result<bool> released = true;
  if (view.at == session_view::phase::locked) {
    if (view.ttl_at_release > 0) {
      std::string token = view.lock_token;
      auto moved = co_await sessions_.touch(who, key, std::move(token), view.ttl_at_release);
      if (!moved) released = moved.error();
    }
    co_await sessions_.close(who, key, view.lock_token);
    let_go(who, key, view);
  }
  mine.views.erase(found);
  co_return released;
}

bool redis_locks::break_lock(const std::string& key) {
  const lock_note* note = notes_.find(key);
  if (note == nullptr) return false;
  const owner_id owner = note->owner;
  known_client& holder = *views_.find(owner);
  session_view& view = holder.views.at(key);
  if (holder.busy || view.kind != lock_kind::hash_field) return false;
  sessions_.release(*holder.who, key, view.lock_token);
  let_go(*holder.who, key, view);
  view.secret.clear();
  return true;
}

task<result<bool>> redis_locks::take_over(client& who, lock_request wanted) {
  const std::string key = wanted.key;
  const session_view* before = views_.view_of(who, key);
  const std::string given = before == nullptr ? std::string() : before->token;
  const std::string digest = before == nullptr ? std::string() : before->digest;
  break_lock(key);
  auto taken = co_await lock(who, std::move(wanted));
  if (!taken || !*taken || given.empty()) co_return taken;
  session_view& view = *views_.view_of(who, key);
  // The former holder has stored meanwhile: this client has read an older version, and its save will be refused.
  if (digest != sha256(view.unread.value_or(std::string()))) view.token = given;
  view.is_unread = false;
  view.unread.reset();
  co_return taken;
}

std::optional<std::string> redis_locks::secret_of(client& who, const std::string& key) {
  const session_view* view = views_.view_of(who, key);
  if (view != nullptr && view->at == session_view::phase::locked) return view->secret;
  if (const lock_note* note = notes_.find(key)) return note->secret;
  if (view != nullptr && !view->secret.empty()) return view->secret;
  return std::nullopt;
}

}  // namespace mooring::sessiond
