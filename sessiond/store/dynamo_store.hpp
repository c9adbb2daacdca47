// session_store on one region's DynamoDB table, with schema "mooring". One request per call.
#pragma once

#include <memory>

#include "mooring/aws/dynamo_client.hpp"
#include "sessiond/store/lease_terms.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// `client` and `time` must outlive the store.
std::unique_ptr<session_store> make_dynamo_store(dynamo_client& client, const clock& time, std::string table,
                                                 lease_terms terms);

}  // namespace mooring::sessiond
