// A token in a file, which STS exchanges for a role's keys: Kubernetes service accounts (IRSA), CI systems.
//
// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME, or the same settings of a profile. The file is
// read for every exchange, because whoever issues the token replaces it every hour or so.
#pragma once

#include "mooring/settings/settings.hpp"
#include "sts_client.hpp"

namespace mooring {

task<result<temporary_credentials>> exchange_web_identity(sts_client& sts, role_request role, std::string token_file,
                                                          steady_time deadline);

class web_identity_source final : public credential_source {
 public:
  web_identity_source(environment env, sts_client& sts) : env_(std::move(env)), sts_(sts) {}
  task<fetched_credentials> fetch(steady_time deadline) override;

 private:
  environment env_;
  sts_client& sts_;
};

}  // namespace mooring
