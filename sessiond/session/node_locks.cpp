#include "sessiond/session/node_locks.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

// A waiter reads no socket, so it looks whether its client is still there.
constexpr auto hang_up_poll = 250ms;

}  // namespace

task<result<void>> node_locks::acquire(std::string key, owner_id owner, steady_time deadline,
                                       std::function<bool()> gone) {
  result<void> granted;
  const auto answer = table_.acquire(key, owner);
  if (answer == lock_table::answer::granted) co_return granted;
  if (answer == lock_table::answer::full)
    co_return error(errc::busy, "busy: " + std::to_string(max_waiters) + " requests wait for this session already");
  const bool mine = co_await wait_for_turn(key, owner, deadline, gone);
  if (mine && !gone()) co_return granted;
  const bool hung_up = gone();
  wake(table_.leave(key, owner));
  if (hung_up) co_return error(errc::cancelled, "the client hung up while it waited");
  co_return error(errc::busy, "busy: another request held this session for longer than sessions.lock_wait");
}

// True: the lock is the owner's. False: the deadline has passed, or the client is gone.
task<bool> node_locks::wait_for_turn(const std::string& key, owner_id owner, steady_time deadline,
                                     const std::function<bool()>& gone) {
  asio::steady_timer turn(executor_);
  sleeping_[owner] = &turn;
  while (!table_.holds(key, owner) && !gone() && steady_time::clock::now() < deadline) {
    turn.expires_at(std::min(deadline, steady_time::clock::now() + hang_up_poll));
    co_await turn.async_wait(nothrow);
  }
  sleeping_.erase(owner);
  co_return table_.holds(key, owner);
}

void node_locks::wake(std::optional<owner_id> next) {
  if (!next) return;
  const auto sleeper = sleeping_.find(*next);
  if (sleeper != sleeping_.end()) sleeper->second->cancel();
}

}  // namespace mooring::sessiond
