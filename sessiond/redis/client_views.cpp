#include "sessiond/redis/client_views.hpp"

namespace mooring::sessiond {

void session_view::unlocked() {
  expiry.reset();
  at = phase::seen;
  digest.clear();
  is_unread = false;
  unread.reset();
}

known_client& client_views::of(client& who) {
  known_client& mine = clients_[who.id];
  mine.who = &who;
  return mine;
}

known_client* client_views::find(owner_id owner) {
  const auto found = clients_.find(owner);
  return found == clients_.end() ? nullptr : &found->second;
}

const known_client* client_views::find(owner_id owner) const {
  const auto found = clients_.find(owner);
  return found == clients_.end() ? nullptr : &found->second;
}

session_view* client_views::view_of(client& who, const std::string& key) {
  known_client& mine = of(who);
  const auto found = mine.views.find(key);
  return found == mine.views.end() ? nullptr : &found->second;
}

session_view& client_views::remember(client& who, const std::string& key) {
  known_client& mine = of(who);
  if (mine.views.count(key) == 0 && mine.views.size() >= max_remembered_sessions) {
    auto oldest = mine.views.end();
    for (auto at = mine.views.begin(); at != mine.views.end(); ++at)
      if (at->second.at != session_view::phase::locked &&
          (oldest == mine.views.end() || at->second.used < oldest->second.used))
        oldest = at;
    if (oldest != mine.views.end()) mine.views.erase(oldest);
  }
  session_view& view = mine.views[key];
  view.used = ++mine.last_use;
  return view;
}

bool client_views::has_locked(client& who, const std::string& key) {
  const session_view* view = view_of(who, key);
  return view != nullptr && view->at == session_view::phase::locked;
}

}  // namespace mooring::sessiond
