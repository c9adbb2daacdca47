// Which copy of a session is the newest, as far as this process knows, and the verb that brings it to a region.
//
// The regions' tables are replicas, and each may lag. What this process has lately read, written, touched and removed
// is remembered (recent_sessions.hpp), each with the region where that is known to be so:
//
//   remembered                        counts in the other region as            bring() there
//   read(): a version                 nothing; it only tells where it is from  does nothing
//   touched(): a version's expiry     its version's expiry                     moves the expiry of that version
//   wrote(), seen(): version, data    newer, when its version is               stores it over older versions and none
//   removed(): from a version on      newer, when that version is              removes, unless a newer one is there
//
// Memory counts only in doubt and about a region that fails (newer_than). It is bounded (max_recent_bytes): of more,
// the oldest are dropped, which is counted and logged, at most once a second.
// Several bring() of one session may be under way. Each ends with the same: all are conditional on versions.
#pragma once

#include <string>
#include <vector>

#include "mooring/base/log.hpp"
#include "mooring/base/log_limiter.hpp"
#include "mooring/base/metrics.hpp"
#include "sessiond/region/followed_region.hpp"
#include "sessiond/region/recent_sessions.hpp"
#include "sessiond/region/region_switch.hpp"

namespace mooring::sessiond {

// How a bring() ended that had an answer from the region.
enum class brought {
  there,            // the region has it, or there is nothing to bring
  newer_there,      // the region has something newer, which stays
  version_missing,  // an expiry of a version that neither the region nor this process has; it may arrive yet
};

class newest_copies {
 public:
  // All must outlive this. `window`: how long something counts as recent (sessions.replay_window).
  newest_copies(const std::vector<followed_region>& regions, const region_switch& where, const clock& time,
                const logger& log, metrics& registry, milliseconds window);

  // What `region` has answered to this process.
  void read(const std::string& key, std::size_t region, const stored_session& found);  // no_version: nothing is there
  void wrote(const std::string& key, std::size_t region, session_write write);
  void touched(const std::string& key, std::size_t region, const session_touch& touch);
  // `newest`: the largest version of it that is known. The removal gets a version above.
  void removed(const std::string& key, std::size_t region, session_version newest);
  // The copy that `region` has, which is not the one in use, or that it has none.
  void seen(const std::string& key, std::size_t region, std::optional<stored_session> copy);

  // Null when nothing recent is known. Valid until the next call of another function.
  const recent_session* find(const std::string& key) { return recent_.find(key, time_.steady()); }
  // Of the last thing remembered; for `asked_after`.
  std::uint64_t last_number() const { return recent_.last_number(); }
  // What is known to be newer than `there`, the version that `region` had when it was asked, after `asked_after`; null:
  // nothing. As find().
  const recent_session* newer_than(const std::string& key, std::size_t region, session_version there,
                                   std::uint64_t asked_after);
  // Another region's expiry of this session is known to have been moved, and nothing else of it.
  bool has_moved_expiry(const std::string& key, std::size_t region);
  std::vector<std::string> missing_in(std::size_t region) { return recent_.missing_in(region, time_.steady()); }

  // Brings what is known of the session to `region`, where `lease` is what becomes of the lease of this node. When that
  // region is the one in use, it is where the newest copy is known to be from then on; what it has that is newer takes
  // the place of what is remembered. Errors: those of the store, and errc::region_unavailable when it is avoided.
  task<result<brought>> bring(std::string key, std::size_t region, lease_after lease, call_budget budget);

  // Brings the gauge up to date.
  void measure();

 private:
  bool counts(const recent_session& known, std::size_t region, std::uint64_t asked_after) const;
  void remember(const std::string& key, recent_session what);
  void note_brought(const std::string& key, std::size_t region, const recent_session& copy, brought how);
  task<result<brought>> store(std::string key, std::size_t region, recent_session copy, lease_after lease,
                              call_budget budget);
  task<result<brought>> remove(std::string key, std::size_t region, session_version removed, call_budget budget);
  task<result<brought>> move_expiry(std::string key, std::size_t region, recent_session copy, lease_after lease,
                                    call_budget budget);
  task<result<bool>> fetch_data(std::string key, std::size_t region, session_version version, call_budget budget);

  const std::vector<followed_region>& regions_;
  const region_switch& where_;
  const clock& time_;
  logger log_;
  recent_sessions recent_;
  log_limiter dropped_lines_;
  counter& replayed_;
  counter& dropped_;
  gauge& bytes_;
};

}  // namespace mooring::sessiond
