// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
#pragma once

#include "mooring/credentials/source.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

class environment_source final : public credential_source {
 public:
  explicit environment_source(environment env) : env_(std::move(env)) {}
  task<fetched_credentials> fetch(steady_time deadline) override;

 private:
  environment env_;
};

}  // namespace mooring
