// The leases that this process holds, the session that each was read with, and which of them are to be renewed. Pure.
//
// While a lease lasts nobody else changes the session, so what is remembered is what is stored, and the next request of
// this node gets it from here. A lease runs from when it was asked for: this process may have been stopped before it
// saw the answer.
//
//   event                                      the lease                 its session
//   hold()       taken, or written with keep   lasts from `asked` on     known
//   unsure()     a write is under way          as it was                 not known
//   forget()     given back, or not wanted     gone                      gone
//   end_renewal  renewed                       lasts from `asked` on     as it was
//                stale: somebody else has it   gone                      gone
//                any other error               as it was                 as it was, tried again in a while
//
// Each hold() begins a new generation. A renewal belongs to the generation that it was begun for; when its answer comes
// late, and the lease was given back and taken again meanwhile, the answer says nothing about the lease of today.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "mooring/base/clock.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// A lease is renewed when a third of its time is over, and after a failure again every sixth of its time.
constexpr int renewals_per_lease = 6;

// Renewals that are under way at once; the others follow, the one that ends soonest first. With a store that takes a
// second for an answer that keeps six hundred leases of 15 s alive.
constexpr std::size_t max_renewals = 64;

// How long requests of one node may follow each other on one session before other nodes get a turn.
constexpr seconds longest_tenure{5};

// One renewal that has begun.
struct lease_renewal {
  std::string key;
  std::uint64_t generation = 0;
  steady_time deadline;  // the lease's own end; for one that is over the next try
};

class leases {
 public:
  // `time`: how long a lease lasts.
  explicit leases(milliseconds time) : time_(time) {}

  void hold(const std::string& key, stored_session session, steady_time asked);
  void forget(const std::string& key) { held_.erase(key); }
  void unsure(const std::string& key);
  // Sessions are in another region now, where others may have changed them: what is stored is not known of any. Nor of
  // what was asked before, when the answer comes.
  void unsure_of_all(steady_time now);

  bool holds(const std::string& key) const { return held_.count(key) != 0; }
  // Null when there is no lease, one that ends too soon to begin a request with, or one whose session is not known.
  const stored_session* usable(const std::string& key, steady_time now) const;

  // What a write, or the end of a request, does to the lease. `awaited`: other requests of this node wait for the
  // session. release: to be given back; when others wait all the same, because the lease was here for longest_tenure,
  // takes_pause() says so once.
  lease_after after_request(const std::string& key, bool awaited, steady_time now);
  // Whether this node is to leave the session alone for a moment before its next request has it.
  bool takes_pause(const std::string& key) { return yielding_.erase(key) > 0; }

  // The renewals to be sent now. Each must be ended, and counts as under way until then.
  std::vector<lease_renewal> begin_renewals(steady_time now);
  void end_renewal(const lease_renewal& begun, steady_time asked, const result<void>& answer);

 private:
  struct lease {
    std::optional<stored_session> session;
    steady_time first_taken;  // other nodes wait since then
    steady_time ends;
    steady_time renew_at;
    std::uint64_t generation = 0;
    bool renewing = false;
  };

  void prolong(lease& held, steady_time asked) const;

  milliseconds time_;
  std::unordered_map<std::string, lease> held_;
  std::set<std::string> yielding_;
  std::uint64_t last_generation_ = 0;
  std::size_t renewals_ = 0;
  steady_time sure_since_ = steady_time::min();
};

}  // namespace mooring::sessiond
