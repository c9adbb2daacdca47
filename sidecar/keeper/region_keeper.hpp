// The failover machine at work: probes and operators in, memory, state file, nginx and hooks out.
//
//   probed(), control_answered(), pin(), unpin(), timer -> machine -> memory file -> state file -> move_publisher
//
// Files are written before anything else happens, so a sidecar that is killed at any point goes on from there: what was
// decided is remembered, and a move that nobody has confirmed is published again. When the disk refuses the memory, the
// state file is published all the same, and read at the next start.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "mooring/base/metrics.hpp"
#include "sidecar/failover/control_hosts.hpp"
#include "sidecar/failover/failover_machine.hpp"
#include "sidecar/publish/move_publisher.hpp"

namespace mooring::sidecar {

class region_keeper {
 public:
  // Told after each change of mode or region.
  using listener = std::function<void(const region_transition&)>;

  // `publisher` and all references must outlive the keeper.
  region_keeper(const settings& config, move_publisher& publisher, const clock& time, const logger& log,
                metrics& registry, const asio::any_io_executor& executor, listener on_change);

  // Reads what is remembered and publishes it, before anything is probed. An error when the state file cannot be
  // written or read: a person has to act.
  result<void> start();

  // The timer, until stop().
  task<void> run();
  void stop();

  void probed(const probe_outcome& seen);
  // What the control host with that number in region.control has answered, or that it has not.
  void control_answered(std::size_t host, const control_outcome& seen);
  probe_advice advice(region_rank rank) const { return machine_->advice(rank); }
  // The publisher is done with the move that was first published as `epoch`.
  void published(region_epoch epoch);

  // An operator's wish; an error says why it is refused.
  result<void> pin(std::string region, milliseconds ttl, std::string reason);
  result<void> unpin();
  result<void> drill(std::string region, milliseconds ttl);
  result<void> undrill();

  const std::string& active() const { return machine_->active(); }
  region_mode mode() const { return machine_->mode(); }
  region_epoch epoch() const { return machine_->epoch(); }
  std::vector<std::string> warnings() const { return machine_->warnings(); }
  // As it was published last.
  const region_state& state() const { return state_; }

 private:
  moment now() const { return {time_.steady(), time_.wall()}; }
  std::optional<std::string> step(const machine_event& event);
  result<void> wish(const machine_event& event);
  void carry_out(const machine_actions& actions);
  void save(const machine_state& memory);
  void publish(const region_publication& publication);
  void report(const region_transition& change);
  void set_timer();

  const settings& config_;
  move_publisher& publisher_;
  const clock& time_;
  logger log_;
  metrics& registry_;
  listener on_change_;
  asio::steady_timer timer_;
  control_hosts controls_;
  std::optional<failover_machine> machine_;
  region_state state_;
  bool stopping_ = false;
  gauge& epoch_;
  counter& memory_failures_;
  std::map<std::string, gauge*> active_;
  std::map<std::pair<region_mode, region_mode>, counter*> transitions_;
};

}  // namespace mooring::sidecar
