#include "mooring/aws/table_plan.hpp"

#include "mooring/aws/table_advice.hpp"
#include "mooring/base/json.hpp"

namespace mooring {
namespace {

using nlohmann::json;

bool is_at_work(const std::string& status) {
  return status == "CREATING" || status == "UPDATING";
}

table_move refuse(std::string text) {
  return {table_step::refuse, std::move(text)};
}

std::string state_of(const table_replica& replica) {
  std::string out = "the replica in " + replica.region + " is " + replica.status;
  if (!replica.progress.empty()) out += " (" + replica.progress + " %)";
  return out;
}

std::optional<table_move> ttl_move(const table_wish& wish, const table_description& found) {
  if (found.ttl_attribute == wish.names.ttl_attribute) return std::nullopt;
  if (found.consistency == "STRONG") return refuse(no_ttl_with_strong_consistency());
  if (!found.ttl_attribute.empty())
    return refuse("TTL is on for \"" + found.ttl_attribute + "\" instead of \"" + wish.names.ttl_attribute +
                  "\"; switch that off with " + disable_ttl_command(wish.name, wish.region, found.ttl_attribute) +
                  ", and run this again an hour later");
  if (found.ttl_status == "DISABLING")
    return refuse("TTL is being switched off, which takes up to an hour; run this again then");
  return table_move{table_step::enable_ttl, "switching TTL on for \"" + wish.names.ttl_attribute + "\""};
}

table_move replica_move(const table_wish& wish, const table_description& found) {
  if (const table_replica* replica = found.replica_in(wish.replica)) {
    if (replica->status == "ACTIVE") return {table_step::ready, ""};
    if (is_at_work(replica->status)) return {table_step::wait, state_of(*replica)};
    return refuse(state_of(*replica) + "; " + remedy_for_replica(*replica, wish.name, wish.region));
  }
  if (!found.global_table_version.empty() && found.global_table_version != current_global_tables)
    return refuse("it is a global table of version " + found.global_table_version + "; " + upgrade_advice());
  if (found.stream_view.empty())
    return {table_step::enable_stream, "switching its stream on, which replicas are fed from"};
  if (found.stream_view != replica_stream_view)
    return refuse("its stream shows " + found.stream_view + "; replicas need " + replica_stream_view +
                  ". If nothing reads that stream, switch it off with " +
                  disable_stream_command(wish.name, wish.region) + ", and run this again");
  return {table_step::add_replica, "adding a replica in " + wish.replica};
}

json throughput(const provisioned_units& units) {
  return json{{"ReadCapacityUnits", units.read}, {"WriteCapacityUnits", units.write}};
}

table_request create_request(const table_wish& wish) {
  const json key{{"AttributeName", wish.names.partition_key}, {"KeyType", "HASH"}};
  const json definition{{"AttributeName", wish.names.partition_key}, {"AttributeType", "S"}};
  json body{{"TableName", wish.name},
            {"KeySchema", json::array({key})},
            {"AttributeDefinitions", json::array({definition})},
            {"BillingMode", wish.provisioned ? "PROVISIONED" : "PAY_PER_REQUEST"}};
  if (wish.provisioned) body["ProvisionedThroughput"] = throughput(*wish.provisioned);
  return {"CreateTable", json_line(body)};
}

}  // namespace

std::optional<std::string> key_fault(const table_wish& wish, const table_description& found) {
  if (found.partition_key == wish.names.partition_key && found.key_type == "S" && !found.has_sort_key)
    return std::nullopt;
  return "has the key \"" + found.partition_key + "\" (" + found.key_type + ")" +
         (found.has_sort_key ? " and a sort key" : "") + "; it must be \"" + wish.names.partition_key +
         "\" (S) alone. A key cannot be changed: name another table in dynamodb.table, and run mooringctl table create";
}

table_move next_move(const table_wish& wish, const table_description& found) {
  if (!found.exists) return {table_step::create, "creating it"};
  if (auto fault = key_fault(wish, found)) return refuse("it " + std::move(*fault));
  if (is_at_work(found.status)) {
    const table_replica* replica = found.replica_in(wish.replica);
    const bool replica_at_work = replica != nullptr && is_at_work(replica->status);
    return {table_step::wait, replica_at_work ? state_of(*replica) : "it is " + found.status};
  }
  if (found.status != "ACTIVE") return refuse("it is " + found.status + "; " + remedy_for_status(found.status));
  if (auto move = ttl_move(wish, found)) return std::move(*move);
  return wish.replica.empty() ? table_move{table_step::ready, ""} : replica_move(wish, found);
}

table_request request_for(table_step step, const table_wish& wish) {
  json body{{"TableName", wish.name}};
  if (step == table_step::create) return create_request(wish);
  if (step == table_step::enable_ttl) {
    body["TimeToLiveSpecification"] = {{"Enabled", true}, {"AttributeName", wish.names.ttl_attribute}};
    return {"UpdateTimeToLive", json_line(body)};
  }
  if (step == table_step::enable_stream) {
    body["StreamSpecification"] = {{"StreamEnabled", true}, {"StreamViewType", replica_stream_view}};
    return {"UpdateTable", json_line(body)};
  }
  const json region{{"RegionName", wish.replica}};
  const json creation{{"Create", region}};
  body["ReplicaUpdates"] = json::array({creation});
  return {"UpdateTable", json_line(body)};
}

}  // namespace mooring
