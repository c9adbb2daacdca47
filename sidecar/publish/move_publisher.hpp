// Tells the world about a move, after the state file: nginx, then this node's hooks, then the fleet's.
//
// One move is published at a time, and only the newest one that waits: a move that was overtaken tells nobody anything
// true. Node hooks run on every node. Fleet hooks run on the holder of the fleet's lease; while the lease cannot be
// reached they wait, since two nodes must not drive one balancer; who loses it ends his hook. After a move of a drill
// they do not run at all. An nginx that refuses, as its configuration is wrong or it is not running, does not keep the
// hooks waiting, and is told again until it has taken the region. Nothing here keeps the state file or sessiond
// waiting.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "fleet_lease.hpp"
#include "hook_runner.hpp"
#include "nginx_reload.hpp"

namespace mooring::sidecar {

class move_publisher {
 public:
  // The table of a region by its name; null when DynamoDB is not used there.
  using region_finder = std::function<dynamo_client*(const std::string&)>;

  // `on_done` hears the epoch of each move that was published, whether or not every hook succeeded.
  move_publisher(const settings& config, std::string node, region_finder find_region,
                 std::function<void(region_epoch)> on_done, const clock& time, const logger& log, metrics& registry,
                 const asio::any_io_executor& executor);

  // The same move once more, while it is being published, is no other one.
  void moved(region_move move);

  // Until stop().
  task<void> run();
  void stop();

 private:
  task<void> publish(region_move move);
  task<void> tell_nginx();
  task<void> run_fleet_hooks(region_move move);
  task<bool> wait_for_turn(dynamo_client& region, region_move move);
  task<bool> run_as_holder(dynamo_client& region, region_move move);
  task<void> renew_until_done(dynamo_client& region, std::shared_ptr<bool> done);
  bool outdated(region_epoch epoch) const { return stopping_ || epoch != newest_; }

  nginx_reload nginx_;
  hook_runner hooks_;
  fleet_lease lease_;
  region_finder find_region_;
  std::function<void(region_epoch)> on_done_;
  logger log_;
  asio::steady_timer wake_;
  std::optional<region_move> waiting_;
  std::optional<std::string> nginx_owed_;  // the region that nginx has not been told
  region_epoch newest_ = 0;
  bool stopping_ = false;
};

}  // namespace mooring::sidecar
