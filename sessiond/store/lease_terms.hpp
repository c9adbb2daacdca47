// Who takes leases, for how long, and what that means for a stored item. No I/O but in node_identity(); time is an
// argument, and each lease_terms makes a name for its process by chance.
//
//   lock_owner  S  "<region>/<node>/<process>", digests in hex
//   lock_until  N  unix milliseconds by the service's clock
//
// A lease counts as free when it is absent, when its time is over, and when it is of the same node: only one sessiond
// serves a socket, so another process of this node is dead, and this one keeps its own clients apart by itself. And
// when it was taken in another region: conditions hold in one region, so a lease that was replicated says nothing here.
// And when it would last for longer than any can: then it is none that Mooring has taken.
#pragma once

#include <cstdint>
#include <string>

#include "mooring/base/clock.hpp"
#include "sessiond/store/item_update.hpp"

namespace mooring::sessiond {

// By how much a lease's end may be ahead: sessions.lease is 5 minutes at most, and the service's time is known to each
// node to within 5 more, or its requests are refused.
constexpr milliseconds longest_lease = std::chrono::minutes(10);

enum class lease_holder { nobody, this_node, other_node, other_region };

class lease_terms {
 public:
  // `node`: the same for every process that serves this socket on this machine, and for no other.
  lease_terms(const std::string& node, const std::string& region, milliseconds time);

  // Who took it last, over or not.
  lease_holder holder_in(const item& stored) const;
  bool held_elsewhere(const item& stored, std::int64_t now_ms) const;

  // Parts of a write. The service's clock says what time it is.
  void take(item_update& with, std::int64_t now_ms) const;
  void give_back(item_update& with) const;
  void require_free(item_update& for_write, std::int64_t now_ms) const;
  void require_own(item_update& for_write) const;  // of this very process

 private:
  std::string region_;  // as owners begin that hold it in this region
  std::string node_;    // and on this node
  std::string owner_;
  milliseconds time_;
};

// What tells this machine and socket from all others: host name, machine id (read from /etc/machine-id), socket path.
std::string node_identity(const std::string& socket_path);

}  // namespace mooring::sessiond
