// What DynamoDB says of a table, as a plain value. Pure.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
// Global tables are those of version 2019.11.21: a table that lists its replicas. Decoding foreign bytes never throws:
// what does not fit is errc::bad_data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mooring/base/error.hpp"

namespace mooring {

struct table_replica {
  std::string region;
  std::string status;    // ACTIVE when usable
  std::string detail;    // why, when AWS says it
  std::string progress;  // of creating it, such as "40"; mostly empty
};

struct provisioned_units {
  std::int64_t read = 0;
  std::int64_t write = 0;
};

struct table_description {
  bool exists = false;
  std::string status;         // ACTIVE when usable; UPDATING is usable too
  std::string partition_key;  // "session_id"
  std::string key_type;       // "S"
  bool has_sort_key = false;
  std::string ttl_attribute;  // empty: TTL is off
  std::string ttl_status;     // ENABLING, ENABLED, DISABLING, DISABLED
  bool on_demand = false;
  provisioned_units units;                  // when not on demand
  std::string stream_view;                  // NEW_AND_OLD_IMAGES and others; empty: no stream
  std::string global_table_version;         // empty: no global table
  std::string consistency;                  // of the replicas: EVENTUAL, STRONG, or empty when AWS does not say
  std::vector<table_replica> replicas;      // of the other regions
  std::optional<bool> deletion_protection;  // nothing: the service does not know it

  const table_replica* replica_in(std::string_view region) const;
};

// From the answer to DescribeTable; without TTL, which takes a call of its own.
result<table_description> table_description_from(std::string_view answer);

// From the answer to DescribeTimeToLive.
struct ttl_description {
  std::string attribute;  // empty: TTL is off, or on its way there
  std::string status;
};
result<ttl_description> ttl_description_from(std::string_view answer);

// From the answer to DescribeContinuousBackups: whether the table can be restored to a point in time.
result<bool> point_in_time_recovery_from(std::string_view answer);

}  // namespace mooring
