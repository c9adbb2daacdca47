// What this process has lately read and written, for the time when regions do not agree. Pure.
//
// Replication between regions is a second behind, or, of a region that is down, stands still. After a move the other
// region may lack what was just stored. Kept are the version of what was read, whole sessions that were written,
// that the expiry of a version was moved, and that a session was removed, each with the region where it is so. Within
// one region nothing of this is needed, and nothing of it is believed.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// Of more, the oldest are dropped. docs/failover.md says what that costs. With sessions of 10 KB that is 6,000 within
// sessions.replay_window: more than 50 commits a second.
constexpr std::size_t max_recent_bytes = 64 * 1024 * 1024;

struct recent_session {
  enum class kind { read, written, removed };
  kind what = kind::read;
  session_version version = no_version;
  std::int64_t expires = 0;
  std::string data;  // written
  // The expiry was moved after this version was stored: a region that has it may have it with another expiry.
  bool expiry_moved = false;
  std::size_t region = 0;  // where this is known to be so
  steady_time when;
  std::uint64_t number = 0;  // by note(); grows

  // The other region has to have it, too.
  bool is_news() const { return what != kind::read || expiry_moved; }
};

// As a store would tell it.
stored_session stored_from(const recent_session& known);

class recent_sessions {
 public:
  // `window`: how long something counts as recent (sessions.replay_window).
  explicit recent_sessions(milliseconds window) : window_(window) {}

  // How many were dropped for it, for want of memory.
  std::size_t note(const std::string& key, recent_session what);
  void forget(const std::string& key);

  // Null when nothing recent is known. Valid until the next call of another function.
  recent_session* find(const std::string& key, steady_time now);

  // The keys of what was written or removed in other regions than `region`, newest first: replication is least likely
  // to have delivered that. Then those of which only the expiry was moved.
  std::vector<std::string> missing_in(std::size_t region, steady_time now);

  // What has outlived the window.
  void forget_old(steady_time now);

  // Of the last note().
  std::uint64_t last_number() const { return notes_; }

  std::size_t bytes() const { return bytes_; }

 private:
  struct entry {
    recent_session what;
    std::list<std::string>::iterator place;
  };
  static std::size_t size_of(const std::string& key, const recent_session& what);
  void forget_oldest();

  milliseconds window_;
  std::map<std::string, entry> entries_;
  std::list<std::string> order_;  // oldest first
  std::size_t bytes_ = 0;
  std::uint64_t notes_ = 0;
};

}  // namespace mooring::sessiond
