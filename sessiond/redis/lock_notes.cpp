#include "sessiond/redis/lock_notes.hpp"

namespace mooring::sessiond {

void lock_notes::drop(const std::string& key, owner_id owner) {
  const auto found = held_.find(key);
  if (found != held_.end() && found->second.owner == owner) held_.erase(found);
}

lock_note* lock_notes::find(const std::string& key) {
  const auto found = held_.find(key);
  return found == held_.end() ? nullptr : &found->second;
}

std::optional<std::int64_t> lock_notes::add_waiting(const std::string& key, owner_id owner, std::int64_t change) {
  auto& own = waiting_by_owner_[owner];
  if (own.count(key) == 0 && own.size() >= max_waits_per_owner) return std::nullopt;
  own[key] += change;
  const std::int64_t sum = waiting_[key] += change;
  if (own[key] == 0) own.erase(key);
  if (own.empty()) waiting_by_owner_.erase(owner);
  if (sum == 0) waiting_.erase(key);
  return sum;
}

void lock_notes::forget(owner_id owner) {
  const auto own = waiting_by_owner_.find(owner);
  if (own == waiting_by_owner_.end()) return;
  for (const auto& [key, share] : own->second)
    if ((waiting_[key] -= share) == 0) waiting_.erase(key);
  waiting_by_owner_.erase(own);
}

}  // namespace mooring::sessiond
