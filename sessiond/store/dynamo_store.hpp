// session_store on one region's DynamoDB table. One request per call; schemas whose versions can lie may read first.
#pragma once

#include <memory>

#include "mooring/aws/dynamo_client.hpp"
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// `client` and `time` must outlive the store. `foreign_lock_timeout`: how long a lock of another program counts.
std::unique_ptr<session_store> make_dynamo_store(dynamo_client& client, const clock& time, std::string table,
                                                 std::unique_ptr<item_schema> schema,
                                                 std::chrono::milliseconds foreign_lock_timeout);

}  // namespace mooring::sessiond
