// The region's part of the sidecar: probes to the keeper, its decisions to the world, operators' wishes to both.
//
// With policy "follow" and two regions a region that is down is no reason to leave the service: sessiond uses the other
// one. Only while both are down, or the checks of both, does the check of the region in use count as
// checks.dynamodb.on_failure says: also with a pin, and when the node's own network may be the reason. With policy
// "evacuate" nothing moves: the primary's check fails the node, and the visitors are moved by DNS.
#pragma once

#include <memory>

#include "sidecar/check_set.hpp"
#include "sidecar/control/control_server.hpp"
#include "sidecar/keeper/region_keeper.hpp"

namespace mooring::sidecar {

class region_desk {
 public:
  // `checks` have been entered on the board; `on_verdict` hears that the board judges differently now.
  region_desk(const settings& config, check_set& checks, status_board& board, std::string node, const clock& time,
              const logger& log, metrics& registry, const asio::any_io_executor& executor,
              std::function<void()> on_verdict);

  // Publishes what is remembered. An error names the setting.
  result<void> start();
  void serve();
  // A check on the board is up or down now.
  void check_changed() { judge_regions(); }
  // Ends what runs: commands of nginx at once, hooks within hook_term_grace.
  void stop();

  const std::string& active() const;
  // The answer to /region/NAME: this node uses that region. With policy "evacuate" only while the region's check does
  // not fail the node, so that a DNS health check of the page moves the visitors as /healthz does.
  bool uses(std::string_view region) const;
  // For people and for status.json: mode, epoch, reason and warnings, and a clock that is off; empty with a fixed
  // region.
  std::vector<std::string> notes() const;

  // The answer to an operator.
  std::string answer(const control_command& command);

 private:
  struct probe_meter {
    std::string region;
    std::map<std::pair<bool, probe_class>, counter*> runs;  // by fresh or kept
    gauge* clock_correction;
  };
  void watch(std::size_t rank, const region_check& region);
  void watch(std::size_t number, control_check& control);
  void probed(std::size_t rank, const region_probe& run);
  void count(std::size_t rank, const region_probe& run);
  void judge_regions();
  std::string answer_pin(const pin_command& command);
  std::string answer_drill(const drill_command& command);
  std::string answer_drain(bool drain);
  std::string answer_status() const;

  settings config_;  // region.secondary is empty with policy "evacuate"
  check_set& checks_;
  status_board& board_;
  logger log_;
  metrics& registry_;
  asio::any_io_executor executor_;
  std::function<void()> on_verdict_;
  std::vector<probe_meter> meters_;
  nginx_teller nginx_;
  std::unique_ptr<move_publisher> publisher_;
  std::unique_ptr<region_keeper> keeper_;  // null without DynamoDB: the region is fixed then
};

}  // namespace mooring::sidecar
