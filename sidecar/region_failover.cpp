#include "sidecar/region_failover.hpp"

#include <cstdlib>

#include "sidecar/health/region_consequences.hpp"

namespace mooring::sidecar {
namespace {

settings with_policy(settings config) {
  if (config.region.policy == "evacuate") config.region.secondary.clear();
  return config;
}

// A stop has ended the run, so it says nothing.
bool is_cancelled(const error* failure) {
  return failure != nullptr && failure->code() == errc::cancelled;
}

probe_outcome outcome_of(std::size_t rank, const region_probe& run) {
  probe_outcome out;
  out.region = static_cast<region_rank>(rank);
  out.connection = run.fresh ? connection_kind::fresh : connection_kind::kept_alive;
  out.begun = run.begun;
  if (run.failure != nullptr) {
    out.found = failure_class_of(run.failure->code());
    out.reason = run.failure->detail();
  }
  return out;
}

}  // namespace

region_failover::region_failover(const settings& config, check_set& checks, status_board& board, std::string node,
                                 const clock& time, const logger& log, metrics& registry,
                                 const asio::any_io_executor& executor, const std::function<void()>& judge)
    : config_(with_policy(config)),
      checks_(checks),
      board_(board),
      log_(log),
      executor_(executor),
      meters_(registry),
      nginx_(config_.publish, time, log, registry, executor) {
  if (!checks.regions().empty()) {
    const auto find_region = [this](const std::string& name) -> dynamo_client* {
      for (const region_check& region : checks_.regions())
        if (region.client->region() == name) return region.client;
      return nullptr;
    };
    const auto on_done = [this](region_epoch epoch) { driver_->confirmed(epoch); };
    publisher_ = std::make_unique<move_publisher>(config_, std::move(node), nginx_, find_region, on_done, time, log,
                                                  registry, executor);
    const auto on_change = [judge](const region_transition&) { judge(); };
    driver_ = std::make_unique<failover_driver>(config_, *publisher_, time, log, registry, executor, on_change);
  }
  operator_commands::subject subject;
  subject.regions = driver_.get();
  subject.set_draining = [this, judge](bool drain) {
    board_.set_draining(drain);
    judge();
  };
  subject.status = [this] { return status(); };
  commands_ = std::make_unique<operator_commands>(std::move(subject), log);
  for (std::size_t rank = 0; rank < checks.regions().size(); ++rank)
    watch(rank, checks.regions()[rank]);
  for (std::size_t number = 0; number < checks.controls().size(); ++number)
    watch(number, *checks.controls()[number]);
}

void region_failover::watch(std::size_t rank, const region_check& region) {
  meters_.add(region.client->region());
  // With policy "evacuate" the machine knows of one region.
  const bool decides = rank == 0 || !config_.region.secondary.empty();
  region_watch watcher;
  if (decides)
    watcher.pace = [this, rank] {
      const probe_advice advice = driver_->advice(static_cast<region_rank>(rank));
      return region_pace{advice.fast, advice.alternate_fresh, advice.silent};
    };
  watcher.seen = [this, rank, decides, client = region.client](const region_probe& run) {
    if (is_cancelled(run.failure)) return;
    meters_.record(rank, run, client->clock_correction());
    if (decides) driver_->probed(outcome_of(rank, run));
  };
  region.check->watch(std::move(watcher));
}

void region_failover::watch(std::size_t number, control_check& control) {
  control_watcher watcher;
  watcher.hurried = [this] { return driver_->advice(region_rank::primary).fast; };
  watcher.seen = [this, number, name = control.name()](const control_run& run) {
    if (is_cancelled(run.failure)) return;
    control_outcome seen;
    seen.begun = run.begun;
    seen.ok = run.failure == nullptr;
    if (!seen.ok) seen.reason = name + ": " + run.failure->detail();
    driver_->control_answered(number, seen);
  };
  control.watch(std::move(watcher));
}

void region_failover::weigh_checks() {
  if (!driver_ || config_.region.secondary.empty()) return;
  const std::vector<region_check>& regions = checks_.regions();
  std::vector<check_state> states;
  std::size_t in_use = 0;
  for (const region_check& region : regions) {
    if (region.client->region() == driver_->active()) in_use = states.size();
    states.push_back(board_.checks().at(region.number).standing.state);
  }
  const bool both_down = driver_->mode() == region_mode::both_down;
  const auto weights = region_consequences(states, in_use, both_down, regions.front().consequence);
  for (std::size_t rank = 0; rank < regions.size(); ++rank)
    board_.set_consequence(regions[rank].number, weights[rank]);
}

task<result<void>> region_failover::start() {
  result<void> started;
  if (driver_) started = co_await driver_->start();
  if (!started) co_return named("region.state_file", started.error());
  if (config_.publish.nginx_region_conf.empty()) co_return started;
  const auto written = co_await nginx_.write(active());
  if (!written) co_return named("publish.nginx_region_conf", written.error());
  // A former sidecar may have died before nginx had taken the region.
  nginx_.notify(active());
  co_return started;
}

void region_failover::serve() {
  spawn(executor_, log_, "nginx", nginx_.run());
  if (!driver_) return;
  spawn(executor_, log_, "region", driver_->run());
  spawn(executor_, log_, "region files", driver_->run_files());
  spawn(executor_, log_, "publisher", publisher_->run());
}

void region_failover::stop() {
  nginx_.stop();
  if (!driver_) return;
  driver_->stop();
  publisher_->stop();
}

bool region_failover::hangs() const {
  return nginx_.hangs() || (driver_ && (driver_->hangs() || publisher_->hangs()));
}

const std::string& region_failover::active() const {
  return driver_ ? driver_->active() : config_.region.primary;
}

bool region_failover::uses(std::string_view region) const {
  if (region != active()) return false;
  if (config_.region.policy != "evacuate" || checks_.regions().empty()) return true;
  const check_standing& primary = board_.checks().at(checks_.regions().front().number).standing;
  return primary.state == check_state::up || (primary.state == check_state::down && primary.overloaded);
}

std::vector<std::string> region_failover::notes() const {
  std::vector<std::string> out;
  if (!driver_) return out;
  const region_state& state = driver_->state();
  out.push_back("region mode " + std::string(name_of(state.mode)) + ", epoch " + std::to_string(state.epoch) +
                (state.reason.empty() ? "" : ": " + state.reason));
  for (std::string& warning : driver_->warnings())
    out.push_back(std::move(warning));
  for (const region_check& region : checks_.regions())
    if (const seconds off = region.client->clock_correction(); off.count() != 0)
      out.push_back("this node's clock is off by " + std::to_string(std::abs(off.count())) +
                    " s, by that of DynamoDB in " + region.client->region() + "; set it");
  return out;
}

std::string region_failover::status() const {
  std::string out = "OK region " + active() + ", verdict " + std::string(name_of(board_.current().kind));
  for (const std::string& note : notes())
    out += "; " + note;
  return out;
}

}  // namespace mooring::sidecar
