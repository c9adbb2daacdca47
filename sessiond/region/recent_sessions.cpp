#include "sessiond/region/recent_sessions.hpp"

namespace mooring::sessiond {
namespace {

// What the containers take beside the bytes themselves.
constexpr std::size_t overhead = 256;

}  // namespace

stored_session stored_from(const recent_session& known) {
  stored_session out;
  out.data = known.data;
  out.version = known.version;
  out.expires = known.expires;
  return out;
}

std::size_t recent_sessions::size_of(const std::string& key, const recent_session& what) {
  return overhead + 2 * key.size() + what.data.size();
}

std::size_t recent_sessions::note(const std::string& key, recent_session what) {
  forget(key);
  const steady_time now = what.when;
  what.number = ++notes_;
  bytes_ += size_of(key, what);
  const auto place = order_.insert(order_.end(), key);
  entries_.emplace(key, entry{std::move(what), place});
  forget_old(now);
  std::size_t dropped = 0;
  for (; bytes_ > max_recent_bytes; ++dropped)
    forget_oldest();
  return dropped;
}

void recent_sessions::forget(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  bytes_ -= size_of(key, found->second.what);
  order_.erase(found->second.place);
  entries_.erase(found);
}

void recent_sessions::forget_old(steady_time now) {
  while (!order_.empty() && entries_.at(order_.front()).what.when + window_ < now)
    forget_oldest();
}

void recent_sessions::forget_oldest() {
  const std::string oldest = order_.front();
  forget(oldest);
}

recent_session* recent_sessions::find(const std::string& key, steady_time now) {
  forget_old(now);
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.what;
}

std::vector<std::string> recent_sessions::missing_in(std::size_t region, steady_time now) {
  forget_old(now);
  std::vector<std::string> out;
  std::vector<std::string> expiries;
  for (auto key = order_.rbegin(); key != order_.rend(); ++key) {
    const recent_session& known = entries_.at(*key).what;
    if (known.region == region || !known.is_news()) continue;
    (known.what == recent_session::kind::read ? expiries : out).push_back(*key);
  }
  out.insert(out.end(), expiries.begin(), expiries.end());
  return out;
}

}  // namespace mooring::sessiond
