// session_store over the tables of two regions: it follows the published region, and bridges until one is published.
//
// A command goes to the region that this node's sessions are in (region_route.hpp). When that fails in a way that is
// the region's fault (error_meaning::other_region), after its tries on a kept and on a fresh connection, it goes to
// the other one within the same deadline. PHP sees a slower request.
//
// The regions' tables are replicas, and each may lag: the last write of an item stays, even if it was made on an older
// copy. So what may be old must not be written on. Two things keep it from that:
// - What this process knows to be newer (recent_sessions.hpp) is served from memory, and stored in the other region
//   under a condition that no newer version has. When the region that had it cannot be reached any more, by this node
//   or another, all that is recent is stored in the other one (replay).
// - In doubt, while nodes may use different regions or have done so a moment ago, a session is opened as the newer one
//   of both regions' copies, which is stored in the region in use before the lease is; and what is stored is
//   acknowledged when both have it. A region that fails is left out; then opens and acknowledgements wait until the
//   other nodes know, and their replay is over. What the region in use does not take at all is not acknowledged.
// A commit of a session that was opened in another region overwrites older versions, never newer ones. Leases are of
// one region: two nodes that use different regions for a moment are not kept apart by them, only by versions.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mooring/base/log.hpp"
#include "mooring/base/metrics.hpp"
#include "sessiond/region/recent_sessions.hpp"
#include "sessiond/region/region_route.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

struct followed_region {
  std::string name;
  std::unique_ptr<session_store> store;
};

struct follow_terms {
  milliseconds patience;       // with the first region, before the other one is asked (sessions.region_patience)
  milliseconds replay_window;  // how long writes are kept for a replay
};

class following_store final : public session_store {
 public:
  // The primary first; one or two regions. `time` must outlive the store.
  following_store(std::vector<followed_region> regions, const clock& time, const logger& log, metrics& registry,
                  follow_terms terms, const asio::any_io_executor& executor);

  // The sidecar's decision. A region that this node does not know is refused with errc::misconfigured.
  result<void> publish(const std::string& region);
  // Sends nothing to this region until then, as if it failed; to no region when the name is empty.
  void avoid(const std::string& region, steady_time until);
  bool avoids(std::size_t region) const { return route_.avoids(region, time_.steady()); }
  const std::string& preferred() const { return regions_[route_.preferred()].name; }
  const std::string& in_use() const { return regions_[route_.in_use()].name; }
  bool bridging() const { return route_.bridging(time_.steady()); }
  bool in_doubt() const { return route_.in_doubt(time_.steady()); }

  // A look at a region's notice, begun at `started`, or why it could not be looked at.
  void looked(std::size_t region, steady_time started, const result<notice_stamps>& seen);
  // By a process's first look.
  void was_bridged(seconds ago) { route_.was_bridged(ago, time_.steady()); }
  std::optional<notice_kind> notice_due(std::size_t region) const { return route_.notice_due(region, time_.steady()); }
  // Told when sessions are in another region from now on.
  void on_move(std::function<void()> listener) { on_move_ = std::move(listener); }

  // Recent writes are being stored in the region in use.
  bool replaying() const { return to_replay_ && to_replay_->workers > 0; }

  // Ends what runs behind the calls.
  void stop() { stopping_ = true; }

  std::int64_t now() const override { return regions_[route_.in_use()].store->now(); }
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
  void note_answer(std::size_t region, command_kind kind);
  // A command of `kind`, begun at `started` with time until `deadline`, has failed in a way that is the region's fault.
  struct fault {
    command_kind kind;
    steady_time started;
    steady_time deadline;
  };
  void note_failure(std::size_t region, const fault& how, const error& failure);
  bool had_time(const fault& how) const;
  void follow_route(const std::string& failure);
  task<result<void>> fetch_newer_copy(std::string key, std::size_t region, call_budget budget);
  task<result<void>> bring_newer_copy(std::string key, std::size_t region, call_budget budget);
  void note_copy(const std::string& key, std::size_t region, std::optional<stored_session> copy);
  task<result<void>> share(std::string key, std::size_t region, lease_after lease, call_budget budget);
  task<result<void>> store_as_well(std::size_t other, std::string key, lease_after lease, call_budget budget);
  task<void> until_settled(call_budget budget);
  call_budget patient(call_budget budget) const;
  const recent_session* newer_than(const std::string& key, std::size_t region, session_version there,
                                   std::uint64_t asked_after);
  void note_read(const std::string& key, std::size_t region, const stored_session& found);
  std::size_t home_of(const session_write& write, const recent_session* known) const;
  void start_replay(std::size_t region);
  void replay_later(std::string key);
  struct replay_list {
    std::size_t region;  // to be stored there
    std::deque<std::string> keys;
    int workers = 0;
  };
  task<void> replay(std::shared_ptr<replay_list> list);
  task<result<void>> replay_one(std::size_t region, std::string key, call_budget budget);
  task<result<void>> bring_to(std::size_t region, std::string key, recent_session known, lease_after lease,
                              call_budget budget);

  std::vector<followed_region> regions_;
  const clock& time_;
  logger log_;
  follow_terms terms_;
  asio::any_io_executor executor_;
  region_route route_;
  recent_sessions recent_;
  std::function<void()> on_move_;
  std::shared_ptr<replay_list> to_replay_;
  bool stopping_ = false;
  std::vector<counter*> errors_;
  std::vector<gauge*> active_;
  counter& bridged_;
  counter& from_memory_;
  counter& replayed_;
  gauge& doubt_;
};

}  // namespace mooring::sessiond
