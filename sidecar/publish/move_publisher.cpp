#include "move_publisher.hpp"

#include <memory>

#include "mooring/net/deadline.hpp"

namespace mooring::sidecar {
namespace {

constexpr int nginx_tries = 3;
constexpr seconds nginx_pause{2};
constexpr seconds nginx_later{10};  // after the last of these tries

// Between two tries to reach the fleet's lease.
constexpr seconds lease_pause{5};

}  // namespace

move_publisher::move_publisher(const settings& config, std::string node, region_finder find_region,
                               std::function<void(region_epoch)> on_done, const clock& time, const logger& log,
                               metrics& registry, const asio::any_io_executor& executor)
    : nginx_(config.publish, time, log, registry),
      hooks_(config.hooks, node, time, log, registry),
      lease_(config.dynamodb.table, node, time, log),
      find_region_(std::move(find_region)),
      on_done_(std::move(on_done)),
      log_(log),
      wake_(executor) {}

void move_publisher::moved(region_move move) {
  if (move.epoch == newest_) return;
  newest_ = move.epoch;
  waiting_ = std::move(move);
  wake_.cancel();
}

void move_publisher::stop() {
  stopping_ = true;
  wake_.cancel();
}

task<void> move_publisher::run() {
  while (!stopping_) {
    while (waiting_ && !stopping_) {
      region_move move = std::move(*waiting_);
      waiting_.reset();
      const region_epoch epoch = move.epoch;
      co_await publish(std::move(move));
      if (!outdated(epoch)) on_done_(epoch);
    }
    if (stopping_) co_return;
    if (nginx_owed_)
      wake_.expires_after(nginx_later);
    else
      wake_.expires_at(steady_time::max());
    co_await wake_.async_wait(nothrow);
    if (nginx_owed_ && !waiting_ && !stopping_) co_await tell_nginx();
  }
}

task<void> move_publisher::tell_nginx() {
  const std::string region = *nginx_owed_;
  const bool told = co_await nginx_.publish(region);
  if (told) nginx_owed_.reset();
}

task<void> move_publisher::publish(region_move move) {
  nginx_owed_ = move.to;
  for (int tries = 1; tries <= nginx_tries && !outdated(move.epoch); ++tries) {
    co_await tell_nginx();
    if (!nginx_owed_) break;
    co_await sleep_for(nginx_pause);
  }
  const auto no_longer = [this, epoch = move.epoch] { return outdated(epoch); };
  co_await hooks_.run(hook_kind::node, move, no_longer);
  if (!hooks_.has_hooks(hook_kind::fleet)) co_return;
  if (move.by_drill) {
    log_.info("fleet_hooks.not_run", "epoch", move.epoch, "to", move.to, "reason", "a drill is of this node alone");
    co_return;
  }
  co_await run_fleet_hooks(std::move(move));
}

task<void> move_publisher::run_fleet_hooks(region_move move) {
  dynamo_client* region = find_region_(move.to);
  if (region == nullptr) {
    log_.warn("fleet_hooks.no_lease", "region", move.to, "remedy", "fleet hooks need sessions.store = \"dynamodb\"");
    co_return;
  }
  for (;;) {
    const bool ours = co_await wait_for_turn(*region, move);
    if (!ours) co_return;
    const bool over = co_await run_as_holder(*region, move);
    if (over) co_return;
  }
}

// False: the move is outdated, or another node has done it.
task<bool> move_publisher::wait_for_turn(dynamo_client& region, region_move move) {
  const auto no_longer = [this, epoch = move.epoch] { return outdated(epoch); };
  for (;;) {
    auto turn = co_await lease_.take(region, move.to, no_longer);
    if (outdated(move.epoch)) co_return false;
    if (turn && *turn == fleet_lease::turn::done_by_another) {
      log_.info("fleet_hooks.done_by_another_node", "epoch", move.epoch, "to", move.to);
      co_return false;
    }
    if (turn) co_return true;
    log_.warn("fleet_hooks.wait", "reason", turn.error().detail());
    const bool slept = co_await sleep_for(lease_pause);
    if (!slept) co_return false;
  }
}

// False: the lease was lost before the hooks were done, and who has it now may run them.
task<bool> move_publisher::run_as_holder(dynamo_client& region, region_move move) {
  const auto no_longer = [this, epoch = move.epoch] { return outdated(epoch); };
  const auto lost = [this] { return !lease_.holds(); };
  auto done = std::make_shared<bool>(false);
  spawn(wake_.get_executor(), log_, "fleet lease", renew_until_done(region, done));
  const bool all = co_await hooks_.run(hook_kind::fleet, move, no_longer, lost);
  *done = true;
  if (!all && !lease_.holds()) {
    log_.warn("fleet_hooks.lease_lost", "epoch", move.epoch, "to", move.to);
    co_return false;
  }
  const bool told = all && !outdated(move.epoch);
  const auto released = co_await lease_.release(region, move.to, told);
  if (!released) log_.warn("fleet_hooks.lease_not_released", "reason", released.error().detail());
  co_return true;
}

// Hooks that run longer than the lease must not share it.
task<void> move_publisher::renew_until_done(dynamo_client& region, std::shared_ptr<bool> done) {
  while (!*done && !stopping_) {
    const bool slept = co_await sleep_for(fleet_heartbeat);
    if (!slept || *done || stopping_) co_return;
    const auto renewed = co_await lease_.renew(region);
    if (!renewed && !*done) log_.warn("fleet_hooks.lease_not_renewed", "reason", renewed.error().detail());
  }
}

}  // namespace mooring::sidecar
