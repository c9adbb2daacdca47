// What a daemon asks before it starts: are there credentials, and do they open the table?
#pragma once

#include <string>

#include "mooring/aws/dynamo_client.hpp"
#include "mooring/credentials/refreshing_provider.hpp"

namespace mooring {

// errc::misconfigured with the setting and the remedy when that can never work; success when it works, and when nobody
// answered, because that may pass and must not keep a daemon from starting.
task<result<void>> preflight_dynamodb(refreshing_provider& keys, dynamo_client& client, std::string table,
                                      steady_time deadline);

}  // namespace mooring
