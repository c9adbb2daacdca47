// AWS's Security Token Service: temporary keys for a role.
//
// The regions are tried in order until one answers, because STS in the region that is ill is ill too. STS is asked for
// XML, the only form of its answers that AWS documents and that other services of this protocol give.
#pragma once

#include <vector>

#include "mooring/credentials/source.hpp"
#include "mooring/net/http_client.hpp"

namespace mooring {

struct role_request {
  std::string role_arn;
  std::string session_name;      // empty: one of ours
  std::string external_id;       // assume_role only
  std::string duration_seconds;  // empty: the role's own
};

class sts_client {
 public:
  // `endpoint`: empty for AWS's own, one in each region.
  sts_client(http_client& http, const clock& time, std::vector<std::string> regions, std::string endpoint)
      : http_(http), time_(time), regions_(std::move(regions)), endpoint_(std::move(endpoint)) {}

  // Signed with `keys`, with the service's own time when it refuses this node's.
  task<result<temporary_credentials>> assume_role(role_request request, credentials keys, steady_time deadline);
  // Not signed: the token is the proof.
  task<result<temporary_credentials>> assume_role_with_web_identity(role_request request, std::string token,
                                                                    steady_time deadline);

 private:
  struct call;
  task<result<temporary_credentials>> ask(const call& what, steady_time deadline);
  task<result<temporary_credentials>> ask_region(const call& what, const std::string& region, steady_time deadline);
  http_request request_for(const call& what, const std::string& region, seconds clock_correction) const;
  std::string url_in(const std::string& region) const;
  std::string session_name_of(const role_request& request) const;

  http_client& http_;
  const clock& time_;
  std::vector<std::string> regions_;
  std::string endpoint_;
};

// Pure, for tests: what a failed answer of STS means.
error sts_error(long status, std::string_view body, const std::string& action, const std::string& region);

}  // namespace mooring
