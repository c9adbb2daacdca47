// The exact words that help with a table: commands of the AWS CLI to copy, and what AWS's states ask for. Pure.
#pragma once

#include <string>

#include "mooring/aws/table_description.hpp"

namespace mooring {

std::string disable_ttl_command(const std::string& table, const std::string& region, const std::string& attribute);
std::string disable_stream_command(const std::string& table, const std::string& region);
std::string on_demand_command(const std::string& table, const std::string& region);
std::string provisioned_command(const std::string& table, const std::string& region, const provisioned_units& units);
std::string add_replica_command(const std::string& table, const std::string& region, const std::string& replica);
std::string delete_replica_command(const std::string& table, const std::string& region, const std::string& replica);
std::string delete_table_command(const std::string& table, const std::string& region);
std::string protect_command(const std::string& table, const std::string& region);
std::string recovery_command(const std::string& table, const std::string& region);

// What to do about a table or a replica in this state, for the end of a sentence.
std::string remedy_for_status(const std::string& status);
std::string remedy_for_replica(const table_replica& replica, const std::string& table, const std::string& region);

std::string no_ttl_with_strong_consistency();
std::string upgrade_advice();  // of a global table of 2017

}  // namespace mooring
