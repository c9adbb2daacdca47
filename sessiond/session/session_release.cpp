// How session_service gives back what is held, and keeps leases alive until then.
#include <utility>

#include "mooring/net/deadline.hpp"
#include "sessiond/session/session_service.hpp"

namespace mooring::sessiond {
namespace {

constexpr int renewals_per_lease = 6;

// As long as the longest pause between two looks of another node.
constexpr milliseconds others_turn{150};

}  // namespace

// The node's lock is kept until the lease is back, or a new request here could take the lease and lose it to this very
// release; and a moment longer when other nodes are to get a turn, because they only look now and then.
task<void> session_service::unlock(owner_id owner, std::string key, call_budget budget) {
  if (leases_.holds(key) && (!locks_.is_awaited(key) || is_others_turn(key))) {
    if (locks_.is_awaited(key)) yielding_.insert(key);
    leases_.forget(key);
    const auto released = co_await store_.release(key, budget);
    if (!released)
      log_.warn("lease.not_released", "class", name_of(released.error().code()), "reason", released.error().detail());
  }
  const bool yields = yielding_.erase(key) > 0;
  if (yields) co_await sleep_for(others_turn);
  locks_.release(key, owner);
}

// A waiter that left the queue may have been the one for whom the lease was kept; nobody else would give it back.
task<void> session_service::give_back_if_last(client& who, const std::string& key) {
  const bool forsaken = leases_.holds(key) && locks_.try_acquire(key, who.id);
  if (forsaken) co_await unlock(who.id, key, budget_of(who));
}

task<void> session_service::end(client& who, const std::string& key) {
  who.open.erase(key);
  co_await unlock(who.id, key, budget_of(who));
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
  releasing_.emplace(who.id, key);
  spawn(renewal_.get_executor(), log_, "release", release_behind(who.id, key));
}

bool session_service::is_others_turn(const std::string& key) const {
  return leases_.held_longer_than(key, longest_tenure, time_.steady());
}

lease_after session_service::lease_after_write(const std::string& key) {
  if (!clustered()) return lease_after::not_used;
  if (!locks_.is_awaited(key)) return lease_after::release;
  if (!is_others_turn(key)) return lease_after::keep;
  yielding_.insert(key);
  return lease_after::release;
}

// The lease runs from when it was asked for: this process may have been stopped before it saw the answer.
void session_service::note_write(const std::string& key, lease_after lease, stored_session written, steady_time asked) {
  if (lease == lease_after::keep)
    leases_.hold(key, std::move(written), asked);
  else
    leases_.forget(key);
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

task<void> session_service::release_behind(owner_id owner, std::string key) {
  co_await unlock(owner, key, nobodys_budget());
  releasing_.erase({owner, key});
}

void session_service::release_all(client& who) {
  for (const auto& [key, session] : std::exchange(who.open, {}))
    spawn(renewal_.get_executor(), log_, "release", unlock(who.id, key, nobodys_budget()));
}

task<void> session_service::renew_leases() {
  while (!stopping_) {
    renewal_.expires_after(config_.lease / renewals_per_lease);
    co_await renewal_.async_wait(nothrow);
    for (const std::string& key : leases_.due(time_.steady())) {
      const steady_time asked = time_.steady();
      const auto renewed = co_await store_.renew(key, nobodys_budget());
      if (renewed) leases_.renewed(key, asked);
      if (!renewed && renewed.error().code() == errc::stale) leases_.forget(key);
      if (!renewed)
        log_.warn("lease.not_renewed", "class", name_of(renewed.error().code()), "reason", renewed.error().detail());
    }
  }
}

void session_service::stop() {
  stopping_ = true;
  renewal_.cancel();
}

}  // namespace mooring::sessiond
