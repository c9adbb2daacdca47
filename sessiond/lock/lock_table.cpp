#include "sessiond/lock/lock_table.hpp"

#include <algorithm>

namespace mooring::sessiond {

lock_table::answer lock_table::acquire(const std::string& key, owner_id owner) {
  if (try_acquire(key, owner)) return answer::granted;
  entry& e = entries_.at(key);
  if (e.waiters.size() >= max_waiters) return answer::full;
  e.waiters.push_back(owner);
  ++waiting_;
  return answer::queued;
}

bool lock_table::try_acquire(const std::string& key, owner_id owner) {
  const auto [at, is_new] = entries_.try_emplace(key);
  if (is_new) at->second.holder = owner;
  return at->second.holder == owner;
}

bool lock_table::holds(const std::string& key, owner_id owner) const {
  const auto found = entries_.find(key);
  return found != entries_.end() && found->second.holder == owner;
}

bool lock_table::is_awaited(const std::string& key) const {
  const auto found = entries_.find(key);
  return found != entries_.end() && !found->second.waiters.empty();
}

owner_id lock_table::holder(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? no_owner : found->second.holder;
}

void lock_table::hand_over(const std::string& key, owner_id from, owner_id to) {
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.holder == from) found->second.holder = to;
}

std::optional<owner_id> lock_table::release(const std::string& key, owner_id owner) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.holder != owner) return std::nullopt;
  entry& e = found->second;
  if (e.waiters.empty()) {
    entries_.erase(found);
    return std::nullopt;
  }
  e.holder = e.waiters.front();
  e.waiters.pop_front();
  --waiting_;
  return e.holder;
}

std::optional<owner_id> lock_table::leave(const std::string& key, owner_id owner) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  auto& waiters = found->second.waiters;
  const auto place = std::find(waiters.begin(), waiters.end(), owner);
  if (place == waiters.end()) return release(key, owner);
  waiters.erase(place);
  --waiting_;
  return std::nullopt;
}

}  // namespace mooring::sessiond
