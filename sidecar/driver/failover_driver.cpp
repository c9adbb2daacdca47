#include "failover_driver.hpp"

#include "mooring/base/small_file.hpp"

namespace mooring::sidecar {
namespace {

// Empty when it cannot be read: then every restart counts as a reboot.
std::string boot_id() {
  const auto text = read_small_file("/proc/sys/kernel/random/boot_id", 64);
  return text && *text ? (*text)->substr(0, (*text)->find('\n')) : "";
}

}  // namespace

failover_driver::failover_driver(const settings& config, move_publisher& publisher, const clock& time,
                                 const logger& log, metrics& registry, const asio::any_io_executor& executor,
                                 listener on_change)
    : config_(config),
      publisher_(publisher),
      time_(time),
      log_(log),
      registry_(registry),
      on_change_(std::move(on_change)),
      files_(config.region, time, log, registry, executor,
             [this](const region_publication& p, const result<void>& written) { published(p, written); }),
      timer_(executor),
      controls_(config.region.control.size()),
      epoch_(registry.make_gauge("mooring_sidecar_region_epoch", "The epoch that was published last.")) {
  for (const std::string& region : {config.region.primary, config.region.secondary})
    if (!region.empty())
      active_[region] =
          &registry.make_gauge("mooring_sidecar_region_active", "1: the region that is used.", {{"region", region}});
}

task<result<void>> failover_driver::start() {
  auto remembered = co_await files_.read();
  if (!remembered) co_return remembered.error();
  machine_.emplace(config_.region, !config_.region.control.empty(), *std::move(remembered), boot_id(), now());
  carry_out(machine_->step(tick(), now()));
  co_return co_await files_.write_waiting();
}

task<void> failover_driver::run() {
  while (!stopping_) {
    step(tick());
    const auto wake = machine_->next_wakeup();
    timer_.expires_at(wake.value_or(steady_time::max()));
    co_await timer_.async_wait(nothrow);
  }
}

void failover_driver::stop() {
  stopping_ = true;
  timer_.cancel();
  files_.stop();
}

void failover_driver::probed(const probe_outcome& seen) {
  step(seen);
}

void failover_driver::control_answered(std::size_t host, const control_outcome& seen) {
  if (const auto merged = controls_.record(host, seen)) step(*merged);
}

void failover_driver::confirmed(region_epoch epoch) {
  step(publication_done{epoch});
}

task<result<void>> failover_driver::ask(machine_event wish) {
  const auto refused = step(wish);
  if (refused) co_return error(errc::invalid_argument, *refused);
  co_await files_.settled();
  co_return result<void>();
}

// Why the event was refused.
std::optional<std::string> failover_driver::step(const machine_event& event) {
  const machine_actions actions = machine_->step(event, now());
  carry_out(actions);
  set_timer();
  return actions.refused;
}

void failover_driver::set_timer() {
  const auto wake = machine_->next_wakeup();
  if (wake.value_or(steady_time::max()) < timer_.expiry()) timer_.cancel();
}

void failover_driver::carry_out(const machine_actions& actions) {
  files_.write(actions.save, actions.publish);
  if (actions.changed) report(*actions.changed);
}

void failover_driver::published(const region_publication& publication, const result<void>& written) {
  const region_epoch epoch = publication.state.epoch;
  if (!written) {
    log_.error("region.not_published", "epoch", epoch, "reason", written.error().detail());
    step(publication_failed{epoch, written.error().detail()});
    return;
  }
  state_ = publication.state;
  epoch_.set(static_cast<double>(epoch));
  for (const auto& [region, is_active] : active_)
    is_active->set(region == state_.active ? 1 : 0);
  if (publication.move)
    publisher_.moved(*publication.move);
  else
    step(publication_done{epoch});
}

void failover_driver::report(const region_transition& change) {
  counter*& count = transitions_[{change.from_mode, change.to_mode}];
  if (count == nullptr)
    count = &registry_.make_counter(
        "mooring_sidecar_region_transitions_total", "Changes of the failover machine's mode.",
        {{"from", std::string(name_of(change.from_mode))}, {"to", std::string(name_of(change.to_mode))}});
  count->add();
  log_.warn("region.changed", "epoch", change.epoch, "mode", name_of(change.to_mode), "from_mode",
            name_of(change.from_mode), "region", change.to, "moved", change.moved(), "reason", change.reason);
  on_change_(change);
}

}  // namespace mooring::sidecar
