// Tells the world about a move, after the state file: nginx, and beside it this node's hooks, then the fleet's.
//
// nginx has a task of its own (nginx_notifier) and waits for nothing here. Hooks are run for one move at a time, and
// only for the newest one that waits: a move that was overtaken tells nobody anything true. Node hooks run on every
// node. Fleet hooks run on the holder of the fleet's lease; while the lease cannot be reached they wait, since two
// nodes must not drive one balancer; who loses it ends his hook. After a move of a drill they do not run at all. A hook
// that runs when the sidecar stops is ended, and its move is not confirmed. Nothing here keeps the state file or
// sessiond waiting.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "fleet_lease.hpp"
#include "hook_runner.hpp"
#include "nginx_notifier.hpp"

namespace mooring::sidecar {

class move_publisher {
 public:
  // The table of a region by its name; null when DynamoDB is not used there.
  using region_finder = std::function<dynamo_client*(const std::string&)>;

  // `on_done` hears the epoch of each move whose hooks have run, whether or not every one succeeded.
  move_publisher(const settings& config, std::string node, nginx_notifier& nginx, region_finder find_region,
                 std::function<void(region_epoch)> on_done, const clock& time, const logger& log, metrics& registry,
                 const asio::any_io_executor& executor);

  // The same move once more, while it is being published, is no other one.
  void moved(region_move move);

  // Until stop().
  task<void> run();
  void stop();
  // A thread waits for the hooks' disk: the process has to leave by _Exit.
  bool hangs() const { return hooks_.hangs(); }

 private:
  using names = std::vector<std::string>;
  struct heartbeat {
    bool wanted = true;
    bool ended = false;
  };
  task<void> show_hooks();
  task<void> publish(region_move move);
  task<void> run_fleet_hooks(names hooks, region_move move);
  task<bool> wait_for_turn(dynamo_client& region, region_move move);
  task<bool> run_as_holder(dynamo_client& region, names hooks, region_move move);
  task<void> renew_while_wanted(dynamo_client& region, std::shared_ptr<heartbeat> beat);
  bool outdated(region_epoch epoch) const { return stopping_ || epoch != newest_; }

  nginx_notifier& nginx_;
  hook_runner hooks_;
  fleet_lease lease_;
  region_finder find_region_;
  std::function<void(region_epoch)> on_done_;
  logger log_;
  asio::steady_timer wake_;
  std::optional<region_move> waiting_;
  region_epoch newest_ = 0;
  bool stopping_ = false;
};

}  // namespace mooring::sidecar
