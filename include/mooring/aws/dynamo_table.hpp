// Tables: what they are like, making one, and the check that a daemon does before it starts. How the key and the TTL
// attribute are called is what the client was told (dynamodb_settings::names).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "mooring/aws/dynamo_client.hpp"
#include "mooring/aws/table_plan.hpp"

namespace mooring {

// Never an error for a table that does not exist: that is exists = false.
task<result<table_description>> describe_table(dynamo_client& client, std::string table, steady_time deadline);

// Nothing when the service, an emulator as a rule, does not know of it.
task<result<std::optional<bool>>> point_in_time_recovery(dynamo_client& client, std::string table,
                                                         steady_time deadline);

// Whether the table belongs to a global table of version 2017.11.29. DescribeTable does not tell those from tables that
// have nothing to do with each other.
task<result<bool>> is_global_table_of_2017(dynamo_client& client, std::string table, steady_time deadline);

using table_listener = std::function<void(const std::string& what_happens)>;

// Makes of the table what the wish says, in the steps of table_plan.hpp, and waits for each; does only what is missing.
// `tell`, if there is one, hears each step, and what is waited for at each look. errc::timed_out names what was still
// under way; DynamoDB goes on with that by itself. errc::invalid_argument when the wish cannot be met: its text says
// what a person has to do.
task<result<table_description>> prepare_table(dynamo_client& client, table_wish wish, table_listener tell,
                                              steady_time deadline);

// prepare_table() without replica, with on-demand billing.
task<result<void>> create_table(dynamo_client& client, std::string table, steady_time deadline);

// errc::misconfigured with the setting and the remedy when the table or the credentials are wrong; success when the
// service cannot be reached, because that may pass and must not keep a daemon from starting.
task<result<void>> preflight_table(dynamo_client& client, std::string table, steady_time deadline);

}  // namespace mooring
