// The region's part of the sidecar, put together: probes to the failover driver, its decisions to nginx and the hooks,
// operators' wishes to it, and what follows from it for the node.
//
// With policy "follow" and two regions a region that is down is no reason to leave the service, see
// sidecar/health/region_consequences.hpp. With policy "evacuate" nothing moves: the primary's check fails the node, and
// the visitors are moved by DNS. Without DynamoDB the region is fixed.
#pragma once

#include <memory>

#include "sidecar/check/check_set.hpp"
#include "sidecar/driver/operator_commands.hpp"
#include "sidecar/driver/region_probe_meters.hpp"
#include "sidecar/publish/move_publisher.hpp"

namespace mooring::sidecar {

class region_failover {
 public:
  // `checks` have been entered on the board. `judge` is called after a change that may be another verdict; it has to
  // call weigh_checks() first. All references outlive the io_context's run.
  region_failover(const settings& config, check_set& checks, status_board& board, std::string node, const clock& time,
                  const logger& log, metrics& registry, const asio::any_io_executor& executor,
                  const std::function<void()>& judge);

  // Publishes what is remembered. An error names the setting.
  task<result<void>> start();
  void serve();
  // Ends what runs: commands of nginx at once, hooks within hook_term_grace, files within memory_file_time +
  // state_file_time.
  void stop();
  // A thread waits for a disk: the process has to leave by _Exit.
  bool hangs() const;

  // Says on the board what each region's check does to the node.
  void weigh_checks();

  const std::string& active() const;
  // The answer to /region/NAME: this node uses that region. With policy "evacuate" only while the region's check does
  // not fail the node, so that a DNS health check of the page moves the visitors as /healthz does.
  bool uses(std::string_view region) const;
  // For people and for status.json: mode, epoch, reason and warnings, and a clock that is off; empty with a fixed
  // region.
  std::vector<std::string> notes() const;

  // The answer to an operator.
  task<std::string> answer(control_command command) { return commands_->answer(std::move(command)); }

 private:
  void watch(std::size_t rank, const region_check& region);
  void watch(std::size_t number, control_check& control);
  std::string status() const;

  settings config_;  // region.secondary is empty with policy "evacuate"
  check_set& checks_;
  status_board& board_;
  logger log_;
  asio::any_io_executor executor_;
  region_probe_meters meters_;
  nginx_notifier nginx_;
  std::unique_ptr<move_publisher> publisher_;
  std::unique_ptr<failover_driver> driver_;  // null without DynamoDB
  std::unique_ptr<operator_commands> commands_;
};

}  // namespace mooring::sidecar
