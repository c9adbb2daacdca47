// Where a container gets its credentials, by the rules that keep its token from travelling to strangers. Pure.
//
//   AWS_CONTAINER_CREDENTIALS_RELATIVE_URI  /v2/credentials/..  ->  http://169.254.170.2/v2/credentials/..
//   AWS_CONTAINER_CREDENTIALS_FULL_URI      https to any host; http to loopback, 169.254.170.2 (ECS), 169.254.170.23
//                                           and [fd00:ec2::23] (EKS) only
#pragma once

#include <string>
#include <string_view>

#include "mooring/base/error.hpp"

namespace mooring {

result<std::string> container_url_of_relative(std::string_view uri);
result<std::string> container_url_of_full(std::string_view uri);

// The value of the Authorization header; errc::misconfigured for line breaks, other control signs and over 16 KiB.
result<std::string> container_authorization(std::string_view token, std::string_view where);

}  // namespace mooring
