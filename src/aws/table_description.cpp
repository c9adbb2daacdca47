#include "mooring/aws/table_description.hpp"

#include <algorithm>

#include "mooring/base/json.hpp"

namespace mooring {
namespace {

using nlohmann::json;

result<json> object_in(std::string_view answer, const char* key, const char* operation) {
  const json parsed = parse_json(answer);
  if (const json& found = member(parsed, key); found.is_object()) return found;
  return error(errc::bad_data, std::string(operation) + " was answered without a " + key +
                                   "; does the endpoint speak DynamoDB? see dynamodb.endpoints");
}

void read_key(const json& table, table_description& out) {
  for (const json& key : member(table, "KeySchema")) {
    if (text_at(key, "KeyType") == "HASH") out.partition_key = text_at(key, "AttributeName");
    if (text_at(key, "KeyType") == "RANGE") out.has_sort_key = true;
  }
  for (const json& definition : member(table, "AttributeDefinitions"))
    if (text_at(definition, "AttributeName") == out.partition_key) out.key_type = text_at(definition, "AttributeType");
}

// A table that was always provisioned has no BillingModeSummary.
void read_billing(const json& table, table_description& out) {
  out.on_demand = text_at(member(table, "BillingModeSummary"), "BillingMode") == "PAY_PER_REQUEST";
  const json& throughput = member(table, "ProvisionedThroughput");
  out.units.read = number_at(throughput, "ReadCapacityUnits");
  out.units.write = number_at(throughput, "WriteCapacityUnits");
}

void read_replication(const json& table, table_description& out) {
  const json& stream = member(table, "StreamSpecification");
  if (is_true(stream, "StreamEnabled")) out.stream_view = text_at(stream, "StreamViewType");
  out.global_table_version = text_at(table, "GlobalTableVersion");
  out.consistency = text_at(table, "MultiRegionConsistency");
  for (const json& entry : member(table, "Replicas")) {
    table_replica replica;
    replica.region = text_at(entry, "RegionName");
    replica.status = text_at(entry, "ReplicaStatus");
    replica.detail = text_at(entry, "ReplicaStatusDescription");
    replica.progress = text_at(entry, "ReplicaStatusPercentProgress");
    if (!replica.region.empty()) out.replicas.push_back(std::move(replica));
  }
}

}  // namespace

const table_replica* table_description::replica_in(std::string_view region) const {
  const auto is_there = [region](const table_replica& replica) { return replica.region == region; };
  const auto found = std::find_if(replicas.begin(), replicas.end(), is_there);
  return found == replicas.end() ? nullptr : &*found;
}

result<table_description> table_description_from(std::string_view answer) {
  const auto table = object_in(answer, "Table", "DescribeTable");
  if (!table) return table.error();
  table_description out;
  out.exists = true;
  out.status = text_at(*table, "TableStatus");
  read_key(*table, out);
  read_billing(*table, out);
  read_replication(*table, out);
  if (member(*table, "DeletionProtectionEnabled").is_boolean())
    out.deletion_protection = is_true(*table, "DeletionProtectionEnabled");
  return out;
}

result<ttl_description> ttl_description_from(std::string_view answer) {
  const auto ttl = object_in(answer, "TimeToLiveDescription", "DescribeTimeToLive");
  if (!ttl) return ttl.error();
  ttl_description out;
  out.status = text_at(*ttl, "TimeToLiveStatus");
  if (out.status == "ENABLED" || out.status == "ENABLING") out.attribute = text_at(*ttl, "AttributeName");
  return out;
}

result<bool> point_in_time_recovery_from(std::string_view answer) {
  const auto backups = object_in(answer, "ContinuousBackupsDescription", "DescribeContinuousBackups");
  if (!backups) return backups.error();
  return text_at(member(*backups, "PointInTimeRecoveryDescription"), "PointInTimeRecoveryStatus") == "ENABLED";
}

}  // namespace mooring
