// The credentials endpoint that ECS and EKS give to a container.
//
// The authorization token's file is read for every request. 2 s for a try, 3 tries with 1 s between them; a refusal
// (4xx) is not tried again. Proxies are not asked.
#pragma once

#include "mooring/credentials/source.hpp"
#include "mooring/net/http_client.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

class container_source final : public credential_source {
 public:
  container_source(environment env, http_client& http, const clock& time, milliseconds pause = seconds(1))
      : env_(std::move(env)), http_(http), time_(time), pause_(pause) {}
  task<fetched_credentials> fetch(steady_time deadline) override;

 private:
  task<result<http_request>> request(steady_time deadline) const;
  task<result<temporary_credentials>> ask_once(steady_time deadline);

  environment env_;
  http_client& http_;
  const clock& time_;
  milliseconds pause_;
};

}  // namespace mooring
