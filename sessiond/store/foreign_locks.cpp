#include "sessiond/store/foreign_locks.hpp"

#include <algorithm>

namespace mooring::sessiond {

void foreign_locks::saw(const std::string& key, std::optional<std::string> mark, steady_time now) {
  const auto known = locks_.find(key);
  if (!mark) {
    if (known != locks_.end()) locks_.erase(known);
    return;
  }
  if (known != locks_.end() && known->second.mark == *mark) return;
  if (known == locks_.end()) make_room();
  lock fresh;
  fresh.mark = std::move(*mark);
  fresh.first_seen = now;
  locks_[key] = std::move(fresh);
}

bool foreign_locks::held(const std::string& key, steady_time now) const {
  const auto known = locks_.find(key);
  return known != locks_.end() && now < known->second.first_seen + timeout_;
}

bool foreign_locks::abandoned(const std::string& key, steady_time now) const {
  const auto known = locks_.find(key);
  return known != locks_.end() && now >= known->second.first_seen + timeout_;
}

void foreign_locks::make_room() {
  if (locks_.size() < max_foreign_locks) return;
  locks_.erase(std::min_element(locks_.begin(), locks_.end(), [](const auto& a, const auto& b) {
    return a.second.first_seen < b.second.first_seen;
  }));
}

}  // namespace mooring::sessiond
