#include "mooring/aws/dynamo_table.hpp"

#include <nlohmann/json.hpp>

#include "mooring/net/deadline.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto poll_interval = 500ms;

bool is_not_found(const error& failure) {
  return failure.code() == errc::misconfigured && failure.detail().find("ResourceNotFound") != std::string::npos;
}

std::string text_at(const json& from, const char* key) {
  const auto found = from.is_object() ? from.find(key) : from.end();
  return from.is_object() && found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

table_description description_of(const std::string& body) {
  table_description out;
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("Table")) return out;
  const json& table = parsed["Table"];
  out.exists = true;
  out.status = text_at(table, "TableStatus");
  for (const auto& key : table.value("KeySchema", json::array())) {
    if (text_at(key, "KeyType") == "HASH") out.partition_key = text_at(key, "AttributeName");
    if (text_at(key, "KeyType") == "RANGE") out.has_sort_key = true;
  }
  for (const auto& definition : table.value("AttributeDefinitions", json::array()))
    if (text_at(definition, "AttributeName") == out.partition_key) out.key_type = text_at(definition, "AttributeType");
  return out;
}

std::string ttl_attribute_in(const std::string& body) {
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) return "";
  const json& ttl = parsed.value("TimeToLiveDescription", json::object());
  const std::string status = text_at(ttl, "TimeToLiveStatus");
  return status == "ENABLED" || status == "ENABLING" ? text_at(ttl, "AttributeName") : "";
}

std::string create_body(const std::string& table, const std::string& partition_key) {
  const json key = json::array({{{"AttributeName", partition_key}, {"KeyType", "HASH"}}});
  const json definition = json::array({{{"AttributeName", partition_key}, {"AttributeType", "S"}}});
  return json{{"TableName", table},
              {"KeySchema", key},
              {"AttributeDefinitions", definition},
              {"BillingMode", "PAY_PER_REQUEST"}}
      .dump();
}

std::string name_body(const std::string& table) {
  return json{{"TableName", table}}.dump();
}

std::string ttl_body(const std::string& table, const std::string& ttl_attribute) {
  const json specification{{"Enabled", true}, {"AttributeName", ttl_attribute}};
  return json{{"TableName", table}, {"TimeToLiveSpecification", specification}}.dump();
}

task<result<void>> wait_until_active(dynamo_client& client, const std::string& table, steady_time deadline) {
  for (;;) {
    auto found = co_await describe_table(client, table, deadline);
    if (!found) co_return found.error();
    result<void> done;
    if (found->status == "ACTIVE") co_return done;
    const bool slept = co_await sleep_for(poll_interval);
    if (!slept) co_return error(errc::cancelled, "cancelled while the table is created");
  }
}

}  // namespace

task<result<table_description>> describe_table(dynamo_client& client, std::string table, steady_time deadline) {
  const std::string body = name_body(table);
  auto described = co_await client.call("DescribeTable", body, deadline);
  if (!described && is_not_found(described.error())) co_return table_description();
  if (!described) co_return described.error();
  table_description out = description_of(*described);
  auto ttl = co_await client.call("DescribeTimeToLive", body, deadline);
  if (!ttl) co_return ttl.error();
  out.ttl_attribute = ttl_attribute_in(*ttl);
  co_return out;
}

task<result<void>> create_table(dynamo_client& client, std::string table, steady_time deadline) {
  auto found = co_await describe_table(client, table, deadline);
  if (!found) co_return found.error();
  if (!found->exists) {
    const std::string body = create_body(table, client.names().partition_key);
    auto created = co_await client.call("CreateTable", body, deadline);
    if (!created) co_return created.error();
  }
  auto active = co_await wait_until_active(client, table, deadline);
  if (!active) co_return active.error();
  result<void> done;
  if (found->ttl_attribute == client.names().ttl_attribute) co_return done;
  const std::string body = ttl_body(table, client.names().ttl_attribute);
  auto enabled = co_await client.call("UpdateTimeToLive", body, deadline);
  if (!enabled) co_return enabled.error();
  co_return done;
}

task<result<void>> preflight_table(dynamo_client& client, std::string table, steady_time deadline) {
  auto answered = co_await client.probe(table, false, deadline);
  result<void> fine;
  if (answered) co_return fine;
  const error& failure = answered.error();
  if (failure.code() != errc::misconfigured) co_return fine;
  if (is_not_found(failure))
    co_return error(errc::misconfigured, "dynamodb.table: there is no table \"" + table + "\" in " + client.region() +
                                             "; create it with mooringctl table create, or correct the name");
  co_return error(errc::misconfigured,
                  "dynamodb: " + failure.detail() + "; check the AWS credentials, their policy, and region.primary");
}

}  // namespace mooring
