// Who holds which session on this node, and who waits for it, first come first served. Pure.
//
// An owner is a connection, or a release behind the back of one. It may ask again for what it holds, as session_reset()
// does. Nothing here waits: the caller parks a queued owner and wakes the one that release() or leave() names.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace mooring::sessiond {

using owner_id = std::uint64_t;
constexpr owner_id no_owner = 0;

// A visitor's browser opens some dozens of requests at most; more is an attack or a fault, and is refused.
constexpr std::size_t max_waiters = 1000;

class lock_table {
 public:
  enum class answer { granted, queued, full };

  answer acquire(const std::string& key, owner_id owner);

  // Takes the lock only when nobody holds it.
  bool try_acquire(const std::string& key, owner_id owner);

  bool holds(const std::string& key, owner_id owner) const;
  bool is_awaited(const std::string& key) const;

  // no_owner when nobody holds the lock.
  owner_id holder(const std::string& key) const;

  // `to` holds the lock in place of `from`, ahead of all who wait. Nothing happens when `from` does not hold it.
  void hand_over(const std::string& key, owner_id from, owner_id to);

  // The owner that holds the lock from now on, to be woken. Releasing what one does not hold changes nothing.
  std::optional<owner_id> release(const std::string& key, owner_id owner);

  // A waiter that gave up, or a holder that went away.
  std::optional<owner_id> leave(const std::string& key, owner_id owner);

  std::size_t held() const { return entries_.size(); }
  std::size_t waiting() const { return waiting_; }

 private:
  struct entry {
    owner_id holder = no_owner;
    std::deque<owner_id> waiters;
  };
  std::unordered_map<std::string, entry> entries_;
  std::size_t waiting_ = 0;
};

}  // namespace mooring::sessiond
