// lock_table with the waiting: a task sleeps until it is granted the lock or its deadline passes.
//
// An owner waits for one lock at a time. Nothing cancels a wait but its deadline and the end of its client. This object
// must outlive every task that waits in it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <unordered_map>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"
#include "sessiond/lock/lock_table.hpp"

namespace mooring::sessiond {

class node_locks {
 public:
  explicit node_locks(const asio::any_io_executor& executor) : executor_(executor) {}

  // errc::busy at the deadline and when too many wait. A client that hangs up meanwhile, as `gone` tells, leaves the
  // queue within a quarter of a second and is passed over when its turn comes (errc::cancelled).
  task<result<void>> acquire(std::string key, owner_id owner, steady_time deadline, std::function<bool()> gone);

  bool try_acquire(const std::string& key, owner_id owner) { return table_.try_acquire(key, owner); }
  bool holds(const std::string& key, owner_id owner) const { return table_.holds(key, owner); }
  bool is_awaited(const std::string& key) const { return table_.is_awaited(key); }
  owner_id holder(const std::string& key) const { return table_.holder(key); }
  void hand_over(const std::string& key, owner_id from, owner_id to) { table_.hand_over(key, from, to); }
  void release(const std::string& key, owner_id owner) { wake(table_.release(key, owner)); }

  std::size_t held() const { return table_.held(); }
  std::size_t waiting() const { return table_.waiting(); }

 private:
  task<bool> wait_for_turn(const std::string& key, owner_id owner, steady_time deadline,
                           const std::function<bool()>& gone);
  void wake(std::optional<owner_id> next);

  asio::any_io_executor executor_;
  lock_table table_;
  std::unordered_map<owner_id, asio::steady_timer*> sleeping_;
};

}  // namespace mooring::sessiond
