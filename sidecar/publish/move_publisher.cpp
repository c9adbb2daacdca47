#include "move_publisher.hpp"

#include <array>

#include "pause.hpp"

namespace mooring::sidecar {
namespace {

// Between two tries to reach the fleet's lease.
constexpr seconds lease_pause{5};

constexpr std::array both_kinds = {hook_kind::node, hook_kind::fleet};

// A second for the kernel and for the look that notices it.
static_assert(fleet_lease_margin >= hook_term_grace + seconds(1), "a hook is ended before another node may begin");

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out.append(out.empty() ? "" : " ").append(name);
  return names.empty() ? "none" : out;
}

}  // namespace

move_publisher::move_publisher(const settings& config, std::string node, nginx_notifier& nginx,
                               region_finder find_region, std::function<void(region_epoch)> on_done, const clock& time,
                               const logger& log, metrics& registry, const asio::any_io_executor& executor)
    : nginx_(nginx),
      hooks_(config.hooks, node, time, log, registry),
      lease_(config.dynamodb.table, std::move(node), time, log),
      find_region_(std::move(find_region)),
      on_done_(std::move(on_done)),
      log_(log),
      wake_(executor) {}

void move_publisher::moved(region_move move) {
  if (move.epoch == newest_) return;
  newest_ = move.epoch;
  nginx_.notify(move.to);
  waiting_ = std::move(move);
  wake_.cancel();
}

void move_publisher::stop() {
  stopping_ = true;
  wake_.cancel();
}

// A hook that is refused should be known before the outage in which it is missed.
task<void> move_publisher::show_hooks() {
  const std::function<bool()> after_one_look = [] { return true; };
  for (const hook_kind kind : both_kinds) {
    const names found = co_await hooks_.find(kind, after_one_look);
    log_.info("hooks.found", "kind", name_of(kind), "folder", hooks_.folder(kind), "hooks", listed(found));
  }
}

task<void> move_publisher::run() {
  co_await show_hooks();
  while (!stopping_) {
    if (!waiting_) {
      wake_.expires_at(steady_time::max());
      co_await wake_.async_wait(nothrow);
      continue;
    }
    region_move move = std::move(*waiting_);
    waiting_.reset();
    const region_epoch epoch = move.epoch;
    co_await publish(std::move(move));
    if (!outdated(epoch)) on_done_(epoch);
  }
}

task<void> move_publisher::publish(region_move move) {
  const std::function<bool()> no_longer = [this, epoch = move.epoch] { return outdated(epoch); };
  const std::function<bool()> stopping = [this] { return stopping_; };
  names hooks = co_await hooks_.find(hook_kind::node, no_longer);
  co_await hooks_.run(hook_kind::node, std::move(hooks), move, no_longer, stopping);
  if (outdated(move.epoch)) co_return;
  hooks = co_await hooks_.find(hook_kind::fleet, no_longer);
  if (hooks.empty()) co_return;
  if (move.by_drill) {
    log_.info("fleet_hooks.not_run", "epoch", move.epoch, "to", move.to, "reason", "a drill is of this node alone");
    co_return;
  }
  co_await run_fleet_hooks(std::move(hooks), std::move(move));
}

task<void> move_publisher::run_fleet_hooks(names hooks, region_move move) {
  dynamo_client* region = find_region_(move.to);
  if (region == nullptr) {
    log_.warn("fleet_hooks.no_lease", "region", move.to, "remedy", "fleet hooks need sessions.store = \"dynamodb\"");
    co_return;
  }
  for (;;) {
    const bool ours = co_await wait_for_turn(*region, move);
    if (!ours) co_return;
    const bool over = co_await run_as_holder(*region, hooks, move);
    if (over) co_return;
  }
}

// False: the move is outdated, or another node has done it.
task<bool> move_publisher::wait_for_turn(dynamo_client& region, region_move move) {
  const std::function<bool()> no_longer = [this, epoch = move.epoch] { return outdated(epoch); };
  for (;;) {
    auto turn = co_await lease_.take(region, move.to, no_longer);
    if (turn && *turn == fleet_lease::turn::ours) co_return true;
    if (outdated(move.epoch)) co_return false;
    if (turn) {
      log_.info("fleet_hooks.done_by_another_node", "epoch", move.epoch, "to", move.to);
      co_return false;
    }
    log_.warn("fleet_hooks.wait", "reason", turn.error().detail());
    co_await pause_unless(no_longer, lease_pause);
  }
}

// False: the lease was lost before the hooks were done, and who has it now may run them.
task<bool> move_publisher::run_as_holder(dynamo_client& region, names hooks, region_move move) {
  const std::function<bool()> no_longer = [this, epoch = move.epoch] { return outdated(epoch); };
  const std::function<bool()> forbidden = [this] { return stopping_ || !lease_.holds(); };
  auto beat = std::make_shared<heartbeat>();
  spawn(wake_.get_executor(), log_, "fleet lease", renew_while_wanted(region, beat));
  const bool all = co_await hooks_.run(hook_kind::fleet, std::move(hooks), move, no_longer, forbidden);
  beat->wanted = false;
  // The answer of a renewal that is under way would be taken for the next lease.
  const std::function<bool()> ended = [beat] { return beat->ended; };
  while (!beat->ended)
    co_await pause_unless(ended, fleet_heartbeat);
  if (!all && !lease_.holds()) {
    log_.warn("fleet_hooks.lease_lost", "epoch", move.epoch, "to", move.to);
    co_return false;
  }
  const bool told = all && move.epoch == newest_;
  const auto released = co_await lease_.release(region, move.to, told);
  if (!released) log_.warn("fleet_hooks.lease_not_released", "reason", released.error().detail());
  co_return true;
}

// Hooks that run longer than the lease must not share it.
task<void> move_publisher::renew_while_wanted(dynamo_client& region, std::shared_ptr<heartbeat> beat) {
  const std::function<bool()> over = [beat] { return !beat->wanted; };
  while (beat->wanted) {
    co_await pause_unless(over, fleet_heartbeat);
    if (!beat->wanted) break;
    const auto renewed = co_await lease_.renew(region);
    if (!renewed && beat->wanted) log_.warn("fleet_hooks.lease_not_renewed", "reason", renewed.error().detail());
  }
  beat->ended = true;
}

}  // namespace mooring::sidecar
