// The failover machine at work: probes and operators in; memory file, state file, nginx and hooks out.
//
//   probed(), control_answered(), ask(), timer -> failover_machine -> region_files -> move_publisher
//
// The machine decides at once, and active() and mode() tell its decision. What becomes of it in the world takes its
// time: region_files.hpp says what is written before what, and that no disk keeps a region from moving. state() is what
// was published last. A sidecar that is killed at any point goes on from there. One io_context thread.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "mooring/base/metrics.hpp"
#include "region_files.hpp"
#include "sidecar/failover/control_hosts.hpp"
#include "sidecar/failover/failover_machine.hpp"
#include "sidecar/publish/move_publisher.hpp"

namespace mooring::sidecar {

class failover_driver {
 public:
  // Told after each change of mode or region.
  using listener = std::function<void(const region_transition&)>;

  // `publisher` and all references must outlive this object.
  failover_driver(const settings& config, move_publisher& publisher, const clock& time, const logger& log,
                  metrics& registry, const asio::any_io_executor& executor, listener on_change);

  // Reads what is remembered and publishes it, before anything else is called. An error when the state file cannot be
  // written or read, or not within its time: a person has to act.
  task<result<void>> start();

  // Two tasks, until stop(); the files have their own because they may hang.
  task<void> run();
  task<void> run_files() { return files_.run(); }
  void stop();
  // A thread waits for a disk: the process has to leave by _Exit.
  bool hangs() const { return files_.hangs(); }

  void probed(const probe_outcome& seen);
  // What the control host with that number in region.control has answered, or that it has not.
  void control_answered(std::size_t host, const control_outcome& seen);
  probe_advice advice(region_rank rank) const { return machine_->advice(rank); }
  // The publisher is done with the move that was first published as `epoch`.
  void confirmed(region_epoch epoch);

  // An operator's wish: an event of pin_request, unpin_request, drill_request or undrill_request. An error says why it
  // is refused; else the files have been tried when it returns.
  task<result<void>> ask(machine_event wish);

  const std::string& active() const { return machine_->active(); }
  region_mode mode() const { return machine_->mode(); }
  region_epoch epoch() const { return machine_->epoch(); }
  std::vector<std::string> warnings() const { return machine_->warnings(); }
  // As it was published last.
  const region_state& state() const { return state_; }

 private:
  moment now() const { return {time_.steady(), time_.wall()}; }
  std::optional<std::string> step(const machine_event& event);
  void carry_out(const machine_actions& actions);
  void published(const region_publication& publication, const result<void>& written);
  void report(const region_transition& change);
  void set_timer();

  const settings& config_;
  move_publisher& publisher_;
  const clock& time_;
  logger log_;
  metrics& registry_;
  listener on_change_;
  region_files files_;
  asio::steady_timer timer_;
  control_hosts controls_;
  std::optional<failover_machine> machine_;
  region_state state_;
  bool stopping_ = false;
  gauge& epoch_;
  std::map<std::string, gauge*> active_;
  std::map<std::pair<region_mode, region_mode>, counter*> transitions_;
};

}  // namespace mooring::sidecar
