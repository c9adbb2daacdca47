#include "sessiond/session/session_locks.hpp"

#include <algorithm>
#include <utility>

#include "mooring/base/digest.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring::sessiond {
namespace {

// How often a node looks whether another one has given a session back: 50 to 150 ms, by chance so that none is
// favoured.
constexpr std::int64_t shortest_look_ms = 50;
constexpr std::uint32_t look_spread_ms = 100;

// As long as the longest pause between two looks of another node.
constexpr milliseconds others_turn{150};

// Releases behind clients' backs hold locks as owners of their own; connections count from 1.
constexpr owner_id first_releaser = owner_id{1} << 63;

}  // namespace

session_locks::session_locks(session_store& store, const clock& time, const logger& log, const session_settings& config,
                             const asio::any_io_executor& executor)
    : store_(store),
      time_(time),
      log_(log),
      config_(config),
      queue_(executor),
      leases_(config.lease),
      last_releaser_(first_releaser),
      next_renewals_(executor) {}

steady_time session_locks::give_up_time(const client& who) const {
  return time_.steady() + std::min(who.patience.value_or(config_.lock_wait), config_.lock_wait);
}

task<result<std::optional<stored_session>>> session_locks::acquire(client& who, std::string key) {
  const steady_time give_up = give_up_time(who);
  if (config_.locking == "none") co_return co_await read_when_free(who, key, give_up);
  auto turn = co_await queue_.acquire(key, who.id, give_up, who.gone);
  if (!turn) {
    // It may have been the one for whom the lease was kept; nobody else would give that back.
    const bool forsaken = leases_.holds(key) && queue_.try_acquire(key, who.id);
    if (forsaken) co_await release(who.id, key, who.budget(deadline()));
    co_return turn.error();
  }
  auto found = co_await lease_and_read(who, key, give_up);
  if (!found) co_await release(who.id, key, who.budget(deadline()));
  co_return found;
}

task<result<session_locks::found_session>> session_locks::lease_and_read(client& who, const std::string& key,
                                                                         steady_time give_up) {
  if (!clustered()) co_return co_await read_when_free(who, key, give_up);
  const stored_session* handed_over = leases_.usable(key, time_.steady());
  if (handed_over != nullptr && handed_over->expires > store_.now()) co_return found_session(*handed_over);
  for (;;) {
    const steady_time asked = time_.steady();
    auto leased = co_await store_.acquire(key, who.budget(deadline()));
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
task<result<session_locks::found_session>> session_locks::read_when_free(client& who, const std::string& key,
                                                                         steady_time give_up) {
  for (;;) {
    auto found = co_await store_.load(key, who.budget(deadline()));
    const bool locked = found && *found && (*found)->leased_elsewhere;
    if (!locked || config_.locking == "none") co_return found;
    auto free = co_await wait_for_other_node(who, key, give_up);
    if (!free) co_return free.error();
  }
}

// Looks with reads, which cost a fraction of a refused write, until the other node's lease is gone.
task<result<void>> session_locks::wait_for_other_node(client& who, const std::string& key, steady_time give_up) {
  result<void> free;
  for (;;) {
    const auto pause = milliseconds(shortest_look_ms + random_number() % look_spread_ms);
    if (time_.steady() + pause > give_up)
      co_return error(errc::busy, "busy: another node held this session for longer than sessions.lock_wait");
    co_await sleep_for(pause);
    if (who.gone()) co_return error(errc::cancelled, "the client hung up while it waited");
    auto seen = co_await store_.load(key, who.budget(deadline()));
    if (!seen) co_return seen.error();
    if (!*seen || !(*seen)->leased_elsewhere) co_return free;
  }
}

task<result<void>> session_locks::claim(client& who, std::string key) {
  result<void> granted;
  if (config_.locking == "none" || queue_.try_acquire(key, who.id)) co_return granted;
  if (queue_.holder(key) < first_releaser)
    co_return error(errc::stale,
                    "stale: the lock was lost and another request has it; the stored session is unchanged");
  co_return co_await queue_.acquire(key, who.id, give_up_time(who), who.gone);
}

// The node's lock is kept until the lease is back, or a new request here could take the lease and lose it to this very
// release; and a moment longer when other nodes are to get a turn, because they only look now and then.
task<void> session_locks::release(owner_id owner, std::string key, call_budget budget) {
  const bool leased = leases_.holds(key);
  if (leased && leases_.after_request(key, queue_.is_awaited(key), time_.steady()) == lease_after::release) {
    leases_.forget(key);
    const auto released = co_await store_.release(key, budget);
    if (!released)
      log_.warn("lease.not_released", "class", name_of(released.error().code()), "reason", released.error().detail());
  }
  const bool pauses = leases_.takes_pause(key);
  if (pauses) co_await sleep_for(others_turn);
  queue_.release(key, owner);
}

void session_locks::release_behind(owner_id owner, const std::string& key) {
  const owner_id releaser = ++last_releaser_;
  queue_.hand_over(key, owner, releaser);
  spawn(next_renewals_.get_executor(), log_, "release", release(releaser, key, deadline()));
}

std::optional<stored_session> session_locks::known(const std::string& key) const {
  const stored_session* stored = leases_.usable(key, time_.steady());
  if (stored == nullptr) return std::nullopt;
  return *stored;
}

locked_write session_locks::begin_write(const std::string& key) {
  locked_write out;
  out.key = key;
  out.asked = time_.steady();
  if (!clustered()) return out;
  out.lease = leases_.after_request(key, queue_.is_awaited(key), out.asked);
  leases_.unsure(key);
  return out;
}

void session_locks::end_write(const locked_write& done, std::optional<stored_session> written) {
  if (!written) return;
  if (done.lease == lease_after::keep)
    leases_.hold(done.key, std::move(*written), done.asked);
  else
    leases_.forget(done.key);
}

task<void> session_locks::keep_leases() {
  while (!stopping_) {
    start_renewals();
    next_renewals_.expires_after(config_.lease / renewals_per_lease);
    co_await next_renewals_.async_wait(nothrow);
  }
}

void session_locks::start_renewals() {
  for (lease_renewal& due : leases_.begin_renewals(time_.steady()))
    spawn(next_renewals_.get_executor(), log_, "renew lease", renew(std::move(due)));
}

task<void> session_locks::renew(lease_renewal due) {
  const steady_time asked = time_.steady();
  const auto renewed = co_await store_.renew(due.key, due.deadline);
  leases_.end_renewal(due, asked, renewed);
  if (!renewed) {
    if (const auto left_out = renewal_lines_.admit(time_.steady()))
      log_.warn("lease.not_renewed", "class", name_of(renewed.error().code()), "reason", renewed.error().detail(),
                "left_out", *left_out);
  }
  // Another lease may have waited for this one's place.
  if (!stopping_) start_renewals();
}

void session_locks::stop() {
  stopping_ = true;
  next_renewals_.cancel();
}

}  // namespace mooring::sessiond
