#include "region_keeper.hpp"

#include <algorithm>

#include "memory_codec.hpp"
#include "mooring/base/small_file.hpp"
#include "mooring/region_file/region_file.hpp"

namespace mooring::sidecar {
namespace {

constexpr ::mode_t memory_mode = 0640;

// Empty when it cannot be read: then every restart counts as a reboot.
std::string boot_id() {
  const auto text = read_small_file("/proc/sys/kernel/random/boot_id", 64);
  return text && *text ? (*text)->substr(0, (*text)->find('\n')) : "";
}

}  // namespace

region_keeper::region_keeper(const settings& config, move_publisher& publisher, const clock& time, const logger& log,
                             metrics& registry, const asio::any_io_executor& executor, listener on_change)
    : config_(config),
      publisher_(publisher),
      time_(time),
      log_(log),
      registry_(registry),
      on_change_(std::move(on_change)),
      timer_(executor),
      controls_(config.region.control.size()),
      epoch_(registry.make_gauge("mooring_sidecar_region_epoch", "The epoch that was published last.")),
      memory_failures_(registry.make_counter("mooring_sidecar_region_memory_failures_total",
                                             "Writes of region.memory_file that failed.")) {
  for (const std::string& region : {config.region.primary, config.region.secondary})
    if (!region.empty())
      active_[region] =
          &registry.make_gauge("mooring_sidecar_region_active", "1: the region that is used.", {{"region", region}});
}

result<void> region_keeper::start() {
  const auto published = read_region_state(config_.region.state_file);
  if (!published) return published.error();
  machine_state remembered;
  const auto text = read_small_file(config_.region.memory_file, max_memory_bytes);
  auto parsed = text && *text ? parse_memory(**text) : result<machine_state>(machine_state());
  if (!text || !parsed)
    log_.warn("region.memory_lost", "file", config_.region.memory_file, "reason",
              text ? parsed.error().detail() : text.error().detail(), "remedy", "pin the region anew if it was pinned");
  else
    remembered = std::move(*parsed);
  remembered = newest_of(std::move(remembered), *published);
  machine_.emplace(config_.region, !config_.region.control.empty(), std::move(remembered), boot_id(), now());
  const auto actions = machine_->step(tick(), now());
  if (actions.publish) {
    const auto written = write_region_state(config_.region.state_file, actions.publish->state);
    if (!written) return written.error();
  }
  carry_out(actions);
  return {};
}

task<void> region_keeper::run() {
  while (!stopping_) {
    step(tick());
    const auto wake = machine_->next_wakeup();
    timer_.expires_at(wake.value_or(steady_time::max()));
    co_await timer_.async_wait(nothrow);
  }
}

void region_keeper::stop() {
  stopping_ = true;
  timer_.cancel();
}

void region_keeper::probed(const probe_outcome& seen) {
  step(seen);
}

void region_keeper::control_answered(std::size_t host, const control_outcome& seen) {
  if (const auto merged = controls_.record(host, seen)) step(*merged);
}

void region_keeper::published(region_epoch epoch) {
  step(publication_done{epoch});
}

result<void> region_keeper::pin(std::string region, milliseconds ttl, std::string reason) {
  return wish(pin_request{std::move(region), ttl, std::move(reason)});
}

result<void> region_keeper::unpin() {
  return wish(unpin_request());
}

result<void> region_keeper::drill(std::string region, milliseconds ttl) {
  return wish(drill_request{std::move(region), ttl});
}

result<void> region_keeper::undrill() {
  return wish(undrill_request());
}

result<void> region_keeper::wish(const machine_event& event) {
  const auto refused = step(event);
  if (refused) return error(errc::invalid_argument, *refused);
  return {};
}

// Why the event was refused.
std::optional<std::string> region_keeper::step(const machine_event& event) {
  const machine_actions actions = machine_->step(event, now());
  carry_out(actions);
  set_timer();
  return actions.refused;
}

void region_keeper::set_timer() {
  const auto wake = machine_->next_wakeup();
  if (wake.value_or(steady_time::max()) < timer_.expiry()) timer_.cancel();
}

void region_keeper::carry_out(const machine_actions& actions) {
  if (actions.save) save(*actions.save);
  if (actions.publish) publish(*actions.publish);
  if (actions.changed) report(*actions.changed);
}

void region_keeper::save(const machine_state& memory) {
  const auto saved = replace_small_file(config_.region.memory_file, encode_memory(memory), memory_mode);
  if (saved) return;
  memory_failures_.add();
  log_.warn("region.memory_not_saved", "reason", saved.error().detail(), "remedy",
            "until it is, a restart may forget a pin; make region.memory_file writable");
}

void region_keeper::publish(const region_publication& publication) {
  const region_epoch epoch = publication.state.epoch;
  const auto written = write_region_state(config_.region.state_file, publication.state);
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

void region_keeper::report(const region_transition& change) {
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
