// Tables: what they are like, making one, and the check that a daemon does before it starts. How the key and the TTL
// attribute are called is what the client was told (dynamodb_settings::names).
#pragma once

#include <string>

#include "mooring/aws/dynamo_client.hpp"

namespace mooring {

struct table_description {
  bool exists = false;
  std::string status;         // ACTIVE when usable
  std::string partition_key;  // "session_id"
  std::string key_type;       // "S"
  bool has_sort_key = false;
  std::string ttl_attribute;  // empty: TTL is off
};

// Never an error for a table that does not exist: that is exists = false.
task<result<table_description>> describe_table(dynamo_client& client, std::string table, steady_time deadline);

// Creates the table with on-demand billing, waits until it is active, and switches TTL on. Does only what is missing.
task<result<void>> create_table(dynamo_client& client, std::string table, steady_time deadline);

// errc::misconfigured with the setting and the remedy when the table or the credentials are wrong; success when the
// service cannot be reached, because that may pass and must not keep a daemon from starting.
task<result<void>> preflight_table(dynamo_client& client, std::string table, steady_time deadline);

}  // namespace mooring
