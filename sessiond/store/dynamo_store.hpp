// session_store on one region's DynamoDB table. One request per call; schemas whose versions can lie may read first.
#pragma once

#include <memory>

#include "mooring/aws/dynamo_client.hpp"
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/lease_terms.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

struct dynamo_store_terms {
  std::string table;
  lease_terms lease;
  milliseconds foreign_lock_timeout;  // how long a lock of another program counts
  // Whether the service is known to say what failed a condition (ReturnValuesOnConditionCheckFailure, of 2023). Where
  // it is not, as with some emulators, the store asks, until it has seen the service do it.
  bool service_says_what_failed = false;
};

// `client` and `time` must outlive the store.
std::unique_ptr<session_store> make_dynamo_store(dynamo_client& client, const clock& time,
                                                 std::unique_ptr<item_schema> schema, dynamo_store_terms terms);

}  // namespace mooring::sessiond
