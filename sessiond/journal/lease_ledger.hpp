// Which leases this process surely holds, and until when it may rely on them. Pure.
//
// A lease is relied on for a third of its time only. The other nodes decide by their own clocks when it is over, and a
// clock is corrected by the service's Date when it is off by more than 5 s: two nodes may differ by 10 s, two thirds of
// the default lease. With two regions a lease counts while commands go to the region where it was taken.
//
// The sessions above have leases of their own (sessiond/session/leases.hpp), and the two answer different questions.
// Theirs: which lease has to be renewed, handed on and given back, for clients that have a session open. This one: may
// a commit be acknowledged without asking the table. A flush, which no client waits for, holds leases that theirs does
// not know, and a lease that is good enough to be renewed may be too old to be relied on.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "mooring/base/clock.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

class lease_ledger {
 public:
  static constexpr int relied_on_part = 3;

  explicit lease_ledger(milliseconds lease_time) : relied_on_(lease_time / relied_on_part) {}

  // Taken or written anew by a request sent at `asked`, when the table of `region` got or had `version`.
  void hold(const std::string& key, session_version version, std::string region, steady_time asked) {
    leases_[key] = {version, std::move(region), asked + relied_on_};
  }
  void renewed(const std::string& key, steady_time asked) {
    if (const auto found = leases_.find(key); found != leases_.end()) found->second.sure_until = asked + relied_on_;
  }
  // The table has another version of ours now; until when the lease lasts is as before.
  void moved(const std::string& key, session_version version) {
    if (const auto found = leases_.find(key); found != leases_.end()) found->second.version = version;
  }
  void forget(const std::string& key) { leases_.erase(key); }

  // `in_use`: the region that commands go to. A lease of another one keeps nobody out of this one.
  bool is_sure(const std::string& key, const std::string& in_use, steady_time now) const {
    const auto found = leases_.find(key);
    return found != leases_.end() && now < found->second.sure_until && found->second.region == in_use;
  }
  // The version that the table has; no_version when no lease says so.
  session_version stored_version(const std::string& key) const {
    const auto found = leases_.find(key);
    return found == leases_.end() ? no_version : found->second.version;
  }
  std::string region_of(const std::string& key) const {
    const auto found = leases_.find(key);
    return found == leases_.end() ? std::string() : found->second.region;
  }

  // Whether a client of this node has the session or waits for it, so that the lease must not go back.
  void want(const std::string& key, bool wanted) {
    if (wanted)
      wanted_.insert(key);
    else
      wanted_.erase(key);
  }
  bool is_wanted(const std::string& key) const { return wanted_.count(key) != 0; }

 private:
  struct lease {
    session_version version;
    std::string region;
    steady_time sure_until;
  };
  milliseconds relied_on_;
  std::unordered_map<std::string, lease> leases_;
  std::unordered_set<std::string> wanted_;
};

}  // namespace mooring::sessiond
