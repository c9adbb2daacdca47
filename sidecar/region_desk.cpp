#include "sidecar/region_desk.hpp"

#include <algorithm>
#include <cstdlib>

#include "sidecar/publish/nginx_region_conf.hpp"

namespace mooring::sidecar {
namespace {

constexpr const char* region_is_fixed = "ERR the region is fixed; set sessions.store = \"dynamodb\"";

settings with_policy(settings config) {
  if (config.region.policy == "evacuate") config.region.secondary.clear();
  return config;
}

}  // namespace

region_desk::region_desk(const settings& config, check_set& checks, status_board& board, std::string node,
                         const clock& time, const logger& log, metrics& registry, const asio::any_io_executor& executor,
                         std::function<void()> on_verdict)
    : config_(with_policy(config)),
      checks_(checks),
      board_(board),
      log_(log),
      registry_(registry),
      executor_(executor),
      on_verdict_(std::move(on_verdict)),
      nginx_(config_.publish, time, log, registry, executor) {
  if (checks.regions().empty()) return;
  const auto find_region = [this](const std::string& name) -> dynamo_client* {
    for (const region_check& region : checks_.regions())
      if (region.client->region() == name) return region.client;
    return nullptr;
  };
  const auto on_done = [this](region_epoch epoch) { keeper_->published(epoch); };
  publisher_ = std::make_unique<move_publisher>(config_, std::move(node), nginx_, find_region, on_done, time, log,
                                                registry, executor);
  const auto on_change = [this](const region_transition&) { judge_regions(); };
  keeper_ = std::make_unique<region_keeper>(config_, *publisher_, time, log, registry, executor, on_change);
  for (std::size_t rank = 0; rank < checks.regions().size(); ++rank)
    watch(rank, checks.regions()[rank]);
  for (std::size_t number = 0; number < checks.controls().size(); ++number)
    watch(number, *checks.controls()[number]);
}

void region_desk::watch(std::size_t rank, const region_check& region) {
  const metric_labels labels = {{"region", region.client->region()}};
  gauge& correction = registry_.make_gauge("mooring_sidecar_clock_correction_seconds",
                                           "How far DynamoDB's clock is ahead of this node's; 0 for little.", labels);
  meters_.push_back({region.client->region(), {}, &correction});
  // With policy "evacuate" the machine knows of one region.
  const bool decides = rank == 0 || !config_.region.secondary.empty();
  region_watch watcher;
  if (decides)
    watcher.pace = [this, rank] {
      const probe_advice advice = keeper_->advice(static_cast<region_rank>(rank));
      return region_pace{advice.fast, advice.alternate_fresh, advice.silent};
    };
  watcher.seen = [this, rank, decides](const region_probe& run) {
    // A stop has ended it.
    if (run.failure != nullptr && run.failure->code() == errc::cancelled) return;
    count(rank, run);
    if (decides) probed(rank, run);
  };
  region.check->watch(std::move(watcher));
}

void region_desk::watch(std::size_t number, control_check& control) {
  control_watcher watcher;
  watcher.hurried = [this] { return keeper_->advice(region_rank::primary).fast; };
  watcher.seen = [this, number, name = control.name()](const control_run& run) {
    if (run.failure != nullptr && run.failure->code() == errc::cancelled) return;
    control_outcome seen;
    seen.begun = run.begun;
    seen.ok = run.failure == nullptr;
    if (!seen.ok) seen.reason = name + ": " + run.failure->detail();
    keeper_->control_answered(number, seen);
  };
  control.watch(std::move(watcher));
}

void region_desk::probed(std::size_t rank, const region_probe& run) {
  probe_outcome seen;
  seen.region = static_cast<region_rank>(rank);
  seen.connection = run.fresh ? connection_kind::fresh : connection_kind::kept_alive;
  seen.begun = run.begun;
  if (run.failure != nullptr) {
    seen.found = probe_class_of(run.failure->code());
    seen.reason = run.failure->detail();
  }
  keeper_->probed(seen);
}

void region_desk::count(std::size_t rank, const region_probe& run) {
  const probe_class found = run.failure == nullptr ? probe_class::ok : probe_class_of(run.failure->code());
  counter*& runs = meters_[rank].runs[{run.fresh, found}];
  if (runs == nullptr)
    runs = &registry_.make_counter("mooring_sidecar_region_probes_total",
                                   "Probes of a region, over a kept or a fresh connection, by class of outcome.",
                                   {{"region", meters_[rank].region},
                                    {"connection", run.fresh ? "fresh" : "kept_alive"},
                                    {"class", std::string(name_of(found))}});
  runs->add();
  meters_[rank].clock_correction->set(static_cast<double>(checks_.regions()[rank].client->clock_correction().count()));
}

void region_desk::judge_regions() {
  if (!keeper_ || config_.region.secondary.empty()) return;
  const auto is_down = [this](const region_check& region) {
    return board_.checks().at(region.number).standing.state == check_state::down;
  };
  const std::vector<region_check>& regions = checks_.regions();
  const bool none_left =
      keeper_->mode() == region_mode::both_down || std::all_of(regions.begin(), regions.end(), is_down);
  bool changed = false;
  for (const region_check& region : regions) {
    const bool is_needed = none_left && region.client->region() == keeper_->active();
    const on_failure counts = is_needed ? regions.front().consequence : on_failure::warn;
    changed = board_.set_consequence(region.number, counts) || changed;
  }
  if (changed) on_verdict_();
}

result<void> region_desk::start() {
  if (keeper_) {
    const auto started = keeper_->start();
    if (!started) return named("region.state_file", started.error());
    judge_regions();
  }
  if (config_.publish.nginx_region_conf.empty()) return {};
  const auto written = write_nginx_region_conf(config_.publish.nginx_region_conf, active());
  if (!written) return named("publish.nginx_region_conf", written.error());
  // A former sidecar may have died before nginx had taken the region.
  nginx_.tell(active());
  return {};
}

void region_desk::serve() {
  spawn(executor_, log_, "nginx", nginx_.run());
  if (!keeper_) return;
  spawn(executor_, log_, "region", keeper_->run());
  spawn(executor_, log_, "publisher", publisher_->run());
}

void region_desk::stop() {
  nginx_.stop();
  if (!keeper_) return;
  keeper_->stop();
  publisher_->stop();
}

const std::string& region_desk::active() const {
  return keeper_ ? keeper_->active() : config_.region.primary;
}

bool region_desk::uses(std::string_view region) const {
  if (region != active()) return false;
  if (config_.region.policy != "evacuate" || checks_.regions().empty()) return true;
  const check_standing& primary = board_.checks().at(checks_.regions().front().number).standing;
  return primary.state == check_state::up || (primary.state == check_state::down && primary.overloaded);
}

std::vector<std::string> region_desk::notes() const {
  std::vector<std::string> out;
  if (!keeper_) return out;
  const region_state& state = keeper_->state();
  out.push_back("region mode " + std::string(name_of(state.mode)) + ", epoch " + std::to_string(state.epoch) +
                (state.reason.empty() ? "" : ": " + state.reason));
  for (std::string& warning : keeper_->warnings())
    out.push_back(std::move(warning));
  for (const region_check& region : checks_.regions())
    if (const seconds off = region.client->clock_correction(); off.count() != 0)
      out.push_back("this node's clock is off by " + std::to_string(std::abs(off.count())) +
                    " s, by that of DynamoDB in " + region.client->region() + "; set it");
  return out;
}

std::string region_desk::answer(const control_command& command) {
  if (const auto* pin = std::get_if<pin_command>(&command)) return answer_pin(*pin);
  if (const auto* drain = std::get_if<drain_command>(&command)) return answer_drain(drain->drain);
  if (std::holds_alternative<status_command>(command)) return answer_status();
  if (!keeper_) return region_is_fixed;
  if (const auto* drill = std::get_if<drill_command>(&command)) return answer_drill(*drill);
  const bool unpins = std::holds_alternative<unpin_command>(command);
  const auto done = unpins ? keeper_->unpin() : keeper_->undrill();
  if (!done) return "ERR " + done.error().detail();
  log_.warn(unpins ? "region.unpinned" : "region.drill_ended_by_operator");
  return "OK";
}

std::string region_desk::answer_drill(const drill_command& command) {
  constexpr std::int64_t longest = std::chrono::duration_cast<seconds>(longest_drill).count();
  if (command.seconds > longest) return "ERR a drill lasts " + std::to_string(longest) + " seconds at most";
  const auto drilled = keeper_->drill(command.region, seconds(command.seconds));
  if (!drilled) return "ERR " + drilled.error().detail();
  log_.warn("region.drilled", "region", command.region, "seconds", command.seconds);
  return "OK";
}

std::string region_desk::answer_pin(const pin_command& command) {
  if (!keeper_) return region_is_fixed;
  constexpr std::int64_t longest = std::chrono::duration_cast<seconds>(longest_pin).count();
  if (command.seconds > longest) return "ERR a pin lasts " + std::to_string(longest) + " seconds at most";
  const auto pinned = keeper_->pin(command.region, seconds(command.seconds), command.reason);
  if (!pinned) return "ERR " + pinned.error().detail();
  log_.warn("region.pinned", "region", command.region, "seconds", command.seconds, "reason", command.reason);
  return "OK";
}

std::string region_desk::answer_drain(bool drain) {
  const bool changed = board_.set_draining(drain);
  log_.warn(drain ? "node.drained" : "node.undrained", "by", "operator");
  if (changed) on_verdict_();
  return "OK";
}

std::string region_desk::answer_status() const {
  std::string out = "OK region " + active() + ", verdict " + std::string(name_of(board_.current().kind));
  for (const std::string& note : notes())
    out += "; " + note;
  return out;
}

}  // namespace mooring::sidecar
