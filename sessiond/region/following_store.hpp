// session_store over the tables of two regions: it follows the published region, and bridges until one is published.
//
// A command goes to the preferred region (region_route.hpp). When that fails in a way that is the region's fault
// (errc::region_unavailable, errc::timed_out), after its tries on a kept and on a fresh connection, it goes to the
// other one within the same deadline. PHP sees a slower request.
//
// The regions' tables are replicas, and the other one may lag. What this process knows to be newer
// (recent_sessions.hpp) is served from memory, and stored in the other region under a condition that no newer version
// has. After a move everything recent is stored there (replay), so that other nodes see it too. A commit of a session
// that was opened in another region overwrites older versions, never newer ones. Leases are of one region: between two
// nodes that use different regions at the same moment only versions decide, and the later one stays.
#pragma once

#include <deque>
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
  const std::string& preferred() const { return regions_[route_.preferred()].name; }
  const std::string& in_use() const { return regions_[route_.in_use()].name; }
  bool bridging() const { return route_.bridging(); }

  // Ends what runs behind the calls.
  void stop() { stopping_ = true; }

  std::int64_t now() const override { return regions_[route_.preferred()].store->now(); }
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
  template <class T, class Step>
  task<answered<T>> follow(Step step, call_budget budget);
  void note(std::size_t region, steady_time started, const error* failure);
  const recent_session* newer_than(const std::string& key, std::size_t region, session_version there,
                                   std::uint64_t asked_after);
  void note_read(const std::string& key, std::size_t region, const stored_session& found);
  std::size_t home_of(const session_write& write, const recent_session* known) const;
  session_write as_write(const recent_session& known, session_version there, lease_after lease) const;
  task<result<leased_session>> bring_along(std::string key, std::size_t region, recent_session known,
                                           session_version there, call_budget budget);
  void start_replay(std::size_t region);
  task<void> replay(std::size_t region, std::shared_ptr<std::deque<std::string>> keys);
  task<result<void>> replay_one(std::size_t region, std::string key);

  std::vector<followed_region> regions_;
  const clock& time_;
  logger log_;
  follow_terms terms_;
  asio::any_io_executor executor_;
  region_route route_;
  recent_sessions recent_;
  bool stopping_ = false;
  std::vector<counter*> errors_;
  std::vector<gauge*> active_;
  counter& bridged_;
  counter& from_memory_;
  counter& replayed_;
};

}  // namespace mooring::sessiond
