#include "mooring/aws/table_plan.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mooring {
namespace {

using nlohmann::json;

struct table_plan : ::testing::Test {
  table_plan() {
    wish.name = "sessions";
    wish.region = "us-east-1";
    wish.replica = "eu-west-1";
    found.exists = true;
    found.status = "ACTIVE";
    found.partition_key = "session_id";
    found.key_type = "S";
    found.ttl_attribute = "expires";
    found.ttl_status = "ENABLED";
    found.on_demand = true;
    found.stream_view = "NEW_AND_OLD_IMAGES";
    found.global_table_version = "2019.11.21";
    found.replicas.push_back(replica("eu-west-1", "ACTIVE"));
  }

  static table_replica replica(const std::string& region, const std::string& status) {
    table_replica out;
    out.region = region;
    out.status = status;
    return out;
  }

  table_step step() const { return next_move(wish, found).step; }
  std::string text() const { return next_move(wish, found).text; }
  json body(table_step which) const { return json::parse(request_for(which, wish).body); }
  void expect_refusal(const std::string& remedy) const {
    EXPECT_EQ(step(), table_step::refuse);
    EXPECT_NE(text().find(remedy), std::string::npos) << text();
  }

  table_wish wish;
  table_description found;
};

TEST_F(table_plan, a_table_that_is_complete_is_left_alone) {
  EXPECT_EQ(step(), table_step::ready);
  found.on_demand = false;
  EXPECT_EQ(step(), table_step::ready) << "billing is nobody's business here";
}

TEST_F(table_plan, each_step_waits_for_the_one_before) {
  found = {};
  EXPECT_EQ(step(), table_step::create);
  found.exists = true;
  found.status = "CREATING";
  found.partition_key = "session_id";
  found.key_type = "S";
  EXPECT_EQ(step(), table_step::wait);
  found.status = "ACTIVE";
  EXPECT_EQ(step(), table_step::enable_ttl);
  found.ttl_attribute = "expires";
  EXPECT_EQ(step(), table_step::enable_stream);
  found.stream_view = "NEW_AND_OLD_IMAGES";
  found.status = "UPDATING";
  EXPECT_EQ(step(), table_step::wait);
  found.status = "ACTIVE";
  EXPECT_EQ(step(), table_step::add_replica);
  found.replicas.push_back(replica("eu-west-1", "CREATING"));
  found.replicas.back().progress = "40";
  found.status = "UPDATING";
  EXPECT_EQ(step(), table_step::wait);
  EXPECT_EQ(text(), "the replica in eu-west-1 is CREATING (40 %)");
  found.status = "ACTIVE";
  EXPECT_EQ(step(), table_step::wait) << "the replica is not there yet";
  found.replicas.back().status = "ACTIVE";
  EXPECT_EQ(step(), table_step::ready);
}

TEST_F(table_plan, without_replica_no_stream_is_needed) {
  wish.replica.clear();
  found.replicas.clear();
  found.stream_view.clear();
  found.global_table_version.clear();
  EXPECT_EQ(step(), table_step::ready);
}

TEST_F(table_plan, a_wrong_key_is_never_worked_around) {
  found.ttl_attribute.clear();
  for (const auto& [key, type, sorted] :
       {std::tuple("id", "S", false), std::tuple("session_id", "B", false), std::tuple("session_id", "S", true)}) {
    found.partition_key = key;
    found.key_type = type;
    found.has_sort_key = sorted;
    expect_refusal("name another table in dynamodb.table");
  }
}

TEST_F(table_plan, ttl_on_another_attribute_has_to_be_switched_off_first) {
  found.ttl_attribute = "valid_until";
  expect_refusal(
      "aws dynamodb update-time-to-live --table-name sessions --time-to-live-specification "
      "Enabled=false,AttributeName=valid_until --region us-east-1");
  found.ttl_attribute.clear();
  found.ttl_status = "DISABLING";
  expect_refusal("run this again then");
}

TEST_F(table_plan, strong_consistency_has_no_ttl) {
  found.consistency = "STRONG";
  EXPECT_EQ(step(), table_step::ready) << "TTL is on, however that came to be";
  found.ttl_attribute.clear();
  expect_refusal("MRSC");
}

TEST_F(table_plan, another_stream_is_somebody_elses) {
  found.replicas.clear();
  found.stream_view = "KEYS_ONLY";
  expect_refusal(
      "aws dynamodb update-table --table-name sessions --stream-specification StreamEnabled=false --region us-east-1");
}

TEST_F(table_plan, a_global_table_of_2017_gets_no_replica) {
  found.replicas.clear();
  found.global_table_version = "2017.11.29";
  expect_refusal("V2globaltables_upgrade");
}

TEST_F(table_plan, a_replica_that_failed_has_to_be_removed_first) {
  found.replicas.back().status = "CREATION_FAILED";
  found.replicas.back().detail = "no such key";
  expect_refusal(
      R"(--replica-updates '[{"Delete":{"RegionName":"eu-west-1"}}]' --region us-east-1, and run mooringctl table create)");
  expect_refusal("AWS says \"no such key\"");
  for (const auto& [status, remedy] : {std::pair("REGION_DISABLED", "aws account enable-region"),
                                       std::pair("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "KMS key"),
                                       std::pair("REPLICATION_NOT_AUTHORIZED", "AWSServiceRoleForDynamoDBReplication"),
                                       std::pair("DELETING", "wait until it is gone"), std::pair("ODD", "ask AWS")}) {
    found.replicas.back().status = status;
    expect_refusal(remedy);
  }
}

TEST_F(table_plan, a_table_in_a_state_of_its_own_is_left_alone) {
  for (const char* status : {"DELETING", "ARCHIVED", "ARCHIVING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"}) {
    found.status = status;
    expect_refusal(status);
  }
}

TEST_F(table_plan, requests_are_those_of_the_api_of_2019) {
  const json key = json::parse(R"([{"AttributeName":"session_id","KeyType":"HASH"}])");
  const json definition = json::parse(R"([{"AttributeName":"session_id","AttributeType":"S"}])");
  EXPECT_EQ(request_for(table_step::create, wish).operation, "CreateTable");
  json create{{"TableName", "sessions"}, {"BillingMode", "PAY_PER_REQUEST"}};
  create["KeySchema"] = key;
  create["AttributeDefinitions"] = definition;
  EXPECT_EQ(body(table_step::create), create);

  EXPECT_EQ(request_for(table_step::enable_ttl, wish).operation, "UpdateTimeToLive");
  EXPECT_EQ(body(table_step::enable_ttl), json::parse(R"({"TableName":"sessions",
      "TimeToLiveSpecification":{"Enabled":true,"AttributeName":"expires"}})"));

  EXPECT_EQ(request_for(table_step::enable_stream, wish).operation, "UpdateTable");
  EXPECT_EQ(body(table_step::enable_stream), json::parse(R"({"TableName":"sessions",
      "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}})"));

  EXPECT_EQ(request_for(table_step::add_replica, wish).operation, "UpdateTable");
  EXPECT_EQ(body(table_step::add_replica), json::parse(R"({"TableName":"sessions",
      "ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]})"));
}

TEST_F(table_plan, a_provisioned_table_names_its_units) {
  provisioned_units units;
  units.read = 5;
  units.write = 7;
  wish.provisioned = units;
  EXPECT_EQ(body(table_step::create)["BillingMode"], "PROVISIONED");
  EXPECT_EQ(body(table_step::create)["ProvisionedThroughput"],
            json::parse(R"({"ReadCapacityUnits":5,"WriteCapacityUnits":7})"));
}

}  // namespace
}  // namespace mooring
