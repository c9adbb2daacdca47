// The checks that the settings ask for, with the clients they use, entered on the board and in the schedule.
#pragma once

#include <memory>
#include <vector>

#include "control_check.hpp"
#include "dynamodb_check.hpp"
#include "mooring/aws/dynamo_client.hpp"
#include "mooring/credentials/refreshing_provider.hpp"
#include "scheduler.hpp"
#include "sessiond_check.hpp"
#include "sidecar/health/status_board.hpp"

namespace mooring::sidecar {

// The check of one region's table.
struct region_check {
  dynamodb_check* check = nullptr;
  dynamo_client* client = nullptr;
  std::size_t number = 0;  // on the board
  on_failure consequence = on_failure::fail;
};

class check_set {
 public:
  check_set(const settings& config, const asio::any_io_executor& executor, const clock& time, const logger& log);

  // Enters every check on the board and in the schedule under the number that the board gave.
  void enter(status_board& board, scheduler& schedule);

  // The primary region's client; null when DynamoDB is not checked.
  dynamo_client* primary() { return clients_.empty() ? nullptr : clients_.front().get(); }

  // The primary's first; empty when DynamoDB is not checked. The numbers are right after enter().
  const std::vector<region_check>& regions() const { return regions_; }
  // Of the hosts that region.control names, in its order; empty when DynamoDB is not checked.
  const std::vector<control_check*>& controls() const { return controls_; }

  // The credentials of its clients; null when DynamoDB is not checked.
  refreshing_provider* keys() { return keys_.get(); }

  std::string sessiond_metrics() const { return sessiond_ == nullptr ? "" : sessiond_->metrics_text(); }

  bool empty() const { return members_.empty(); }
  bool any_hangs() const;

 private:
  struct member {
    std::unique_ptr<check> subject;
    std::string component_type;
    on_failure consequence = on_failure::fail;
    milliseconds timeout{0};
  };
  void add(std::unique_ptr<check> subject, std::string component_type, on_failure consequence, milliseconds timeout);
  void add_dynamodb(const settings& config, const asio::any_io_executor& executor, const clock& time,
                    const logger& log);

  check_settings timing_;
  // The probes' own requests, counted under the names that sessiond uses too: /metrics tells sessiond's, and the
  // probes are told by the metrics of their checks.
  metrics probe_requests_;
  std::unique_ptr<http_client> http_;
  std::unique_ptr<refreshing_provider> keys_;
  std::vector<std::unique_ptr<dynamo_client>> clients_;
  std::vector<member> members_;
  std::vector<region_check> regions_;
  std::vector<control_check*> controls_;
  sessiond_check* sessiond_ = nullptr;
};

}  // namespace mooring::sidecar
