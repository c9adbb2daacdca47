// What a session table lacks, and the one request that comes next. Pure.
//
// A table is made in steps, each of which DynamoDB takes its time for: create, TTL, a stream, a replica. next_move()
// looks at the table as it is and says what to do, so that nothing is done twice, an interrupted run is taken up where
// it ended, and a table that somebody else made is left as it is where it suits. What cannot be changed (the key), or
// costs something else than before (billing), is never changed. Replicas are those of global tables of version
// 2019.11.21, made by UpdateTable: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html
#pragma once

#include <optional>
#include <string>

#include "mooring/aws/table_description.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

// The stream that replicas need, and which global table they make.
inline constexpr const char* replica_stream_view = "NEW_AND_OLD_IMAGES";
inline constexpr const char* current_global_tables = "2019.11.21";

struct table_wish {
  std::string name;
  std::string region;
  table_names names;
  std::string replica;                           // a second region; empty: none
  std::optional<provisioned_units> provisioned;  // of a new table; nothing: on demand
};

enum class table_step {
  create,
  enable_ttl,
  enable_stream,
  add_replica,
  wait,    // DynamoDB is at work
  ready,   // nothing is missing
  refuse,  // a person has to decide; the text says what to do
};

struct table_move {
  table_step step;
  std::string text;  // for people: what is done, waited for, or wrong
};

table_move next_move(const table_wish& wish, const table_description& found);

struct table_request {
  std::string operation;
  std::string body;
};

// Of create, enable_ttl, enable_stream and add_replica.
table_request request_for(table_step step, const table_wish& wish);

// Whether sessions can be stored in a table with this key; nothing when they can, else why not and what to do.
std::optional<std::string> key_fault(const table_wish& wish, const table_description& found);

}  // namespace mooring
