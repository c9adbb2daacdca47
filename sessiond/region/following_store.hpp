// session_store over the tables of two regions: it follows the published region, and bridges until one is published.
//
// A command goes to the region that this node's sessions are in (region_switch.hpp). When that fails in a way that is
// the region's fault (error_meaning::other_region), after its tries on a kept and on a fresh connection, it goes to
// the other one within the same deadline. PHP sees a slower request.
//
// The regions' tables are replicas, and each may lag: the last write of an item stays, even if it was made on an older
// copy. So what may be old must not be written on:
//
//   command        before it                         after it, in doubt
//   load, exists   both copies are compared, in      nothing
//                  doubt
//   acquire        the same; the newest copy is      nothing: leases are of one region
//                  stored in the region that is
//                  asked, as the lease is a write
//   save, remove   nothing: versions decide          stored in the other region, too (share)
//   touch          nothing                           the same; a version that has not arrived there is no error
//   renew,         nothing                           nothing: a lease of a region that was left ends by itself
//   release
//
// What save, touch and remove did is remembered (newest_copies.hpp), and when the region that had it cannot be reached
// any more, by this node or another, it is stored in the one in use (region_replay.hpp), with or without doubt.
//
// Doubt: nodes may use different regions, or have done so a moment ago (region_route.hpp). A region that fails is left
// out; then opens and acknowledgements wait until the other nodes know, and their replay is over. What the region in
// use does not take at all is not acknowledged. A commit of a session that was opened in another region overwrites
// older versions, never newer ones that live. Two nodes that use different regions for a moment are not kept apart by
// leases, only by versions.
//
// Any number of calls may be in flight, of one session, too. All end by their deadline, and nothing else cancels them.
#pragma once

#include <string>
#include <vector>

#include "mooring/base/log.hpp"
#include "mooring/base/metrics.hpp"
#include "sessiond/region/followed_region.hpp"
#include "sessiond/region/newest_copies.hpp"
#include "sessiond/region/region_replay.hpp"
#include "sessiond/region/region_switch.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

struct follow_terms {
  milliseconds patience;       // with the first region, before the other one is asked (sessions.region_patience)
  milliseconds replay_window;  // how long writes are kept for a replay
};

class following_store final : public session_store {
 public:
  // The primary first; one or two regions. `time` must outlive the store, and the store the executor's run.
  following_store(std::vector<followed_region> regions, const clock& time, const logger& log, metrics& registry,
                  follow_terms terms, const asio::any_io_executor& executor);

  // To be told of publications, looks and drills; says which region is in use, and why.
  region_switch& where() { return where_; }
  // Recent writes are being stored in the region in use.
  bool replaying() const { return replay_.running(); }
  // Brings the gauges up to date.
  void measure() { copies_.measure(); }
  // Ends what runs behind the calls.
  void stop() { replay_.stop(); }

  std::int64_t now() const override { return regions_[where_.route().in_use()].store->now(); }
  task<result<std::optional<stored_session>>> load(std::string key, call_budget budget) override;
  task<result<bool>> exists(std::string key, call_budget budget) override;
  task<result<void>> save(std::string key, session_write write, call_budget budget) override;
  task<result<leased_session>> acquire(std::string key, call_budget budget) override;
  task<result<void>> renew(std::string key, call_budget budget) override;
  task<result<void>> release(std::string key, call_budget budget) override;
  task<result<void>> touch(std::string key, session_touch touch, call_budget budget) override;
  task<result<bool>> remove(std::string key, session_version known, call_budget budget) override;

 private:
  template <class T>
  struct answered {
    std::size_t region;
    result<T> outcome;
  };
  // What has to be true before a region is asked.
  enum class wants {
    nothing,
    newest_copy,    // it is known
    newest_stored,  // it is stored in that region: the command is a write, and the last write of an item stays
  };
  template <class T, class Step>
  task<answered<T>> follow(std::string key, command_kind kind, wants before, Step step, call_budget budget);
  task<result<void>> compare_copies(std::string key, std::size_t region, call_budget budget);
  task<result<void>> bring_newest(std::string key, std::size_t region, call_budget budget);
  task<bool> renew_expired(std::string key, std::size_t region, call_budget budget);
  task<result<brought>> touch_in(std::size_t region, std::string key, session_touch touch, call_budget budget);
  task<result<void>> share(std::string key, std::size_t region, lease_after lease, call_budget budget);
  task<result<brought>> bring_until_taken(std::string key, std::size_t other, lease_after lease, call_budget budget);
  task<void> until_settled(call_budget budget);
  call_budget patient(call_budget budget) const;
  std::size_t home_of(const std::string& key, const session_write& write);

  std::vector<followed_region> regions_;
  const clock& time_;
  follow_terms terms_;
  region_switch where_;
  newest_copies copies_;
  region_replay replay_;
  counter& from_memory_;
};

}  // namespace mooring::sessiond
