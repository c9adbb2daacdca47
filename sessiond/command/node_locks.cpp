#include "sessiond/command/node_locks.hpp"

namespace mooring::sessiond {

task<result<void>> node_locks::acquire(std::string key, owner_id owner, steady_time deadline,
                                       std::function<bool()> gone) {
  result<void> granted;
  const auto answer = table_.acquire(key, owner);
  if (answer == lock_table::answer::granted) co_return granted;
  if (answer == lock_table::answer::full)
    co_return error(errc::busy, "busy: " + std::to_string(max_waiters) + " requests wait for this session already");
  asio::steady_timer turn(executor_, deadline);
  sleeping_[owner] = &turn;
  co_await turn.async_wait(nothrow);
  sleeping_.erase(owner);
  const bool mine = table_.holds(key, owner);
  if (mine && !gone()) co_return granted;
  wake(table_.leave(key, owner));
  if (mine) co_return error(errc::cancelled, "the client hung up while it waited");
  co_return error(errc::busy, "busy: another request held this session for longer than sessions.lock_wait");
}

void node_locks::wake(std::optional<owner_id> next) {
  if (!next) return;
  const auto sleeper = sleeping_.find(*next);
  if (sleeper != sleeping_.end()) sleeper->second->cancel();
}

}  // namespace mooring::sessiond
