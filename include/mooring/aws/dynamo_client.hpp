// DynamoDB of one region.
//
// Every call takes the caller's deadline and is tried again within it: after a regional failure on a fresh connection,
// after throttling with a growing pause, after a clock error once with the service's own time. Writes must therefore be
// safe to repeat (conditions on a version are). region_unavailable and timed_out speak about the region; throttled,
// misconfigured and clock_skew do not, and no_network may be about this node alone. Not thread-safe: one io_context
// thread.
#pragma once

#include <string>

#include "mooring/aws/credentials.hpp"
#include "mooring/aws/dynamo_types.hpp"
#include "mooring/aws/sigv4.hpp"
#include "mooring/base/backoff.hpp"
#include "mooring/base/call_budget.hpp"
#include "mooring/base/metrics.hpp"
#include "mooring/net/http_client.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

class dynamo_client {
 public:
  // The endpoint is the one that `config` names for `region`, else AWS's own.
  dynamo_client(http_client& http, credentials_provider& keys, const clock& time, const logger& log, metrics& registry,
                const dynamodb_settings& config, const std::string& region);

  const std::string& region() const { return region_; }
  const table_names& names() const { return names_; }
  // AWS itself, not a service that is configured in its place.
  bool is_aws() const { return is_aws_; }
  double consumed_units() const { return capacity_.value(); }

  task<result<std::optional<item>>> get(get_request request, call_budget budget);
  task<result<write_outcome>> write(write_request request, call_budget budget);

  // Any operation by name, JSON in and JSON out; used for tables.
  task<result<std::string>> call(std::string operation, std::string body, steady_time deadline);

  // One try of an eventually consistent GetItem of a key that never exists: the health probe.
  task<result<void>> probe(std::string table, bool fresh_connection, steady_time deadline);

  // What the service's clock is ahead of this node's, as learned from the Date of its answers; zero within 5 s.
  seconds clock_correction() const { return clock_correction_; }

 private:
  struct answer;
  struct attempt_options {
    bool fresh_connection;
    steady_time deadline;
  };
  task<result<answer>> attempt(const std::string& operation, const std::string& body, attempt_options options);
  task<result<answer>> retried(const std::string& operation, const std::string& body, steady_time deadline);
  result<http_request> signed_request(const std::string& operation, const std::string& body);
  bool learn_clock(const http_response& response);

  http_client& http_;
  credentials_provider& keys_;
  const clock& time_;
  logger log_;
  std::string region_;
  std::string url_;
  bool is_aws_;
  table_names names_;
  milliseconds attempt_timeout_;
  sigv4_signer signer_;
  seconds clock_correction_{0};
  backoff backoff_;
  counter& requests_;
  counter& retries_;
  counter& capacity_;
  histogram& latency_;
};

// The URL for `region`: what the settings say, else https://dynamodb.<region>.amazonaws.com (.cn in China).
std::string dynamodb_url(const dynamodb_settings& config, const std::string& region);

}  // namespace mooring
