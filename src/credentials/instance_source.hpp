// The instance's role, from EC2's metadata service, version 2 only (IMDSv2).
//
//   PUT /latest/api/token  ->  GET /latest/meta-data/iam/security-credentials/  ->  GET .../<role>
//
// One try and 1 s for each request; proxies are not asked. AWS_EC2_METADATA_DISABLED=true switches it off, which other
// clouds need: they answer on the same address with other things. AWS_EC2_METADATA_SERVICE_ENDPOINT names another
// address, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6 the one of IPv6.
#pragma once

#include "mooring/credentials/source.hpp"
#include "mooring/net/http_client.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

class instance_source final : public credential_source {
 public:
  instance_source(environment env, http_client& http, const clock& time)
      : env_(std::move(env)), http_(http), time_(time) {}
  task<fetched_credentials> fetch(steady_time deadline) override;

 private:
  struct step;
  task<result<std::string>> ask(step what, steady_time deadline);
  bool disabled() const;
  result<std::string> endpoint() const;

  environment env_;
  http_client& http_;
  const clock& time_;
};

// The first role in the list that the service gave; errc::bad_data when it is not the name of a role.
result<std::string> role_in_list(std::string_view list);

}  // namespace mooring
