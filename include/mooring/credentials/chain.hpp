// All sources of AWS credentials in AWS's own order; the first that is set up on this node decides.
//
//   environment -> role of the profile -> web identity of the environment -> the profile's web identity, keys or
//   process -> container (ECS, EKS) -> instance metadata (EC2)
//
// docs/credentials.md explains each. Endpoints for tests and private networks: AWS_ENDPOINT_URL_STS,
// AWS_EC2_METADATA_SERVICE_ENDPOINT.
#pragma once

#include <memory>
#include <vector>

#include "mooring/credentials/refreshing_provider.hpp"
#include "mooring/net/http_client.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

// `regions`: where STS is asked, in this order; not empty. `http` and `time` must outlive the chain.
std::unique_ptr<credential_source> make_credential_chain(const environment& env, http_client& http, const clock& time,
                                                         std::vector<std::string> regions);

// The same, kept fresh, for what the settings say.
std::unique_ptr<refreshing_provider> make_credentials(const asio::any_io_executor& executor, http_client& http,
                                                      const clock& time, const logger& log,
                                                      const region_settings& regions);

}  // namespace mooring
