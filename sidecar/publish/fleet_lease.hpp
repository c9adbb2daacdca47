// Who of the fleet runs the fleet hooks: the holder of a lease in the table of the region that is moved to, as that is
// the one that works.
//
// The algorithm of AWS's DynamoDB lock client: the holder writes a new record version every few seconds; who sees the
// same version for a whole lease, by his own steady clock, takes it over. No wall clock is compared. The item also says
// for which region the hooks have been run last and when, by the service's clock, so that the next holder does not run
// them again for the same move: the nodes of a fleet notice an outage within seconds of each other, and number their
// epochs on their own.
//
// A request whose answer is lost may have been carried out, and is repeated. So each write also holds when it is stored
// already, and a version that was sent without an answer counts as ours when it is seen in the table.
//
//   <key>        S  "mooring-fleet"
//   owner        S  the node
//   version      S  changes with each write; empty: free
//   done_region  S  where the hooks have moved the fleet
//   done_at      N  unix seconds
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mooring/aws/dynamo_client.hpp"
#include "sidecar/failover/machine_state.hpp"

namespace mooring::sidecar {

constexpr seconds fleet_lease_time{20};
constexpr seconds fleet_heartbeat{5};
// The holder stops so much earlier than others may begin, to end the hook that runs.
constexpr milliseconds fleet_lease_margin{3'000};
// Versions that may be in the table as ours; in a lease there is no time for more.
constexpr std::size_t max_unsure_versions = 8;
// Nodes that move to the same region within this time make the same move.
constexpr seconds same_move{120};

class fleet_lease {
 public:
  fleet_lease(std::string table, std::string node, const clock& time, const logger& log)
      : table_(std::move(table)), node_(std::move(node)), time_(time), log_(log) {}

  enum class turn { ours, done_by_another };

  // Waits until the lease is ours or another node has done the work. `outdated`: no longer wanted (errc::cancelled).
  task<result<turn>> take(dynamo_client& region, std::string to, std::function<bool()> outdated);

  // Whether no other node can have it for fleet_lease_margin. Counted from when the last write of it was sent; a
  // process that was stopped for longer finds out here before it asks anybody.
  bool holds() const { return time_.steady() < held_until_; }

  // Extends it; no other call may be under way. errc::stale: another node has it.
  task<result<void>> renew(dynamo_client& region);

  // Gives it back; with `done` for all to know that the hooks have moved the fleet to that region.
  task<result<void>> release(dynamo_client& region, std::string to, bool done);

 private:
  struct record {
    std::string version;
    std::string done_region;
    std::optional<std::int64_t> done_at;
  };
  task<result<record>> read(dynamo_client& region);
  task<result<bool>> claim(dynamo_client& region, record seen);
  write_request write_on(const dynamo_client& region) const;
  std::string next_version();
  bool is_ours(const std::string& version) const;
  void hold(std::string version, steady_time sent);
  void lose();
  std::int64_t now(const dynamo_client& region) const { return unix_seconds(time_.wall() + region.clock_correction()); }

  std::string table_;
  std::string node_;
  const clock& time_;
  logger log_;
  std::vector<std::string> versions_;  // one of them is in the table while the lease is ours
  steady_time held_until_ = steady_time::min();
};

}  // namespace mooring::sidecar
