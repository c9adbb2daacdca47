// The leases that this process holds, and the session that each was read with, for the next waiter on this node. Pure.
//
// While a lease lasts nobody else changes the session, so what is remembered is what is stored.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "mooring/base/clock.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

class lease_book {
 public:
  explicit lease_book(milliseconds time) : time_(time) {}

  // The lease was taken or written anew, by a request sent at `now`, and the session is as given.
  void hold(const std::string& key, stored_session session, steady_time now);
  void renewed(const std::string& key, steady_time now);

  // A write is under way: what is stored is not known until hold() says so.
  void unsure(const std::string& key);
  // Sessions are in another region now, where others may have changed them: what is stored is not known of any.
  // Nor of what was asked before, when the answer comes.
  void unsure_of_all(steady_time now);
  void forget(const std::string& key) { leases_.erase(key); }

  bool holds(const std::string& key) const { return leases_.count(key) != 0; }

  // Null when there is no lease, one that ends too soon to begin a request with, or one whose session is not known.
  const stored_session* usable(const std::string& key, steady_time now) const;

  // When this process first took it; other nodes wait since then.
  bool held_longer_than(const std::string& key, milliseconds tenure, steady_time now) const;

  // Those that have less than two thirds of their time left.
  std::vector<std::string> due(steady_time now) const;

 private:
  struct lease {
    std::optional<stored_session> session;
    steady_time first_taken;
    steady_time ends;
  };
  milliseconds time_;
  std::unordered_map<std::string, lease> leases_;
  steady_time sure_since_ = steady_time::min();
};

}  // namespace mooring::sessiond
