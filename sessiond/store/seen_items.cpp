#include "sessiond/store/seen_items.hpp"

#include "sessiond/store/item_size.hpp"

namespace mooring::sessiond {

void seen_items::remember(const std::string& key, item seen) {
  forget(key);
  entry fresh;
  fresh.bytes = item_bytes(seen) + key.size();
  fresh.seen = std::move(seen);
  fresh.place = order_.insert(order_.end(), key);
  bytes_ += fresh.bytes;
  entries_.emplace(key, std::move(fresh));
  while (bytes_ > max_seen_bytes)
    forget(std::string(order_.front()));
}

void seen_items::forget(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  bytes_ -= found->second.bytes;
  order_.erase(found->second.place);
  entries_.erase(found);
}

const item* seen_items::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.seen;
}

}  // namespace mooring::sessiond
