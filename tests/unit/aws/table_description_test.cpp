#include "mooring/aws/table_description.hpp"

#include <gtest/gtest.h>

namespace mooring {
namespace {

// As AWS answers for a global table, without what Mooring does not read.
constexpr const char* global_table = R"({"Table":{
  "TableName":"mooring_sessions","TableStatus":"ACTIVE","ItemCount":7,
  "AttributeDefinitions":[{"AttributeName":"other","AttributeType":"N"},
                          {"AttributeName":"session_id","AttributeType":"S"}],
  "KeySchema":[{"AttributeName":"session_id","KeyType":"HASH"}],
  "ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},
  "BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},
  "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},
  "GlobalTableVersion":"2019.11.21","MultiRegionConsistency":"EVENTUAL","DeletionProtectionEnabled":true,
  "Replicas":[{"RegionName":"eu-west-1","ReplicaStatus":"CREATING","ReplicaStatusPercentProgress":"40",
               "ReplicaStatusDescription":"soon"},
              {"RegionName":"us-west-2","ReplicaStatus":"ACTIVE"}]}})";

TEST(table_description, reads_a_global_table) {
  const auto table = table_description_from(global_table).value();
  EXPECT_TRUE(table.exists);
  EXPECT_EQ(table.status, "ACTIVE");
  EXPECT_EQ(table.partition_key, "session_id");
  EXPECT_EQ(table.key_type, "S");
  EXPECT_FALSE(table.has_sort_key);
  EXPECT_TRUE(table.on_demand);
  EXPECT_EQ(table.stream_view, "NEW_AND_OLD_IMAGES");
  EXPECT_EQ(table.global_table_version, "2019.11.21");
  EXPECT_EQ(table.consistency, "EVENTUAL");
  EXPECT_EQ(table.deletion_protection, true);
  ASSERT_EQ(table.replicas.size(), 2U);
  EXPECT_EQ(table.replica_in("us-west-2")->status, "ACTIVE");
  EXPECT_EQ(table.replica_in("eu-west-1")->progress, "40");
  EXPECT_EQ(table.replica_in("eu-west-1")->detail, "soon");
  EXPECT_EQ(table.replica_in("us-east-1"), nullptr);
}

TEST(table_description, a_table_without_billing_mode_is_provisioned) {
  const auto table = table_description_from(R"({"Table":{"TableStatus":"ACTIVE",
    "KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],
    "ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},
    "StreamSpecification":{"StreamEnabled":false}}})")
                         .value();
  EXPECT_FALSE(table.on_demand);
  EXPECT_EQ(table.units.read, 3);
  EXPECT_EQ(table.units.write, 4);
  EXPECT_TRUE(table.has_sort_key);
  EXPECT_EQ(table.stream_view, "");
  EXPECT_EQ(table.deletion_protection, std::nullopt);
  EXPECT_TRUE(table.replicas.empty());
}

TEST(table_description, what_is_not_dynamodb_is_an_error_that_names_the_setting) {
  for (const char* answer : {"", "{}", "[]", "<html>", R"({"Table":[]})", R"({"Table":"x"})"}) {
    const auto table = table_description_from(answer);
    ASSERT_FALSE(table) << answer;
    EXPECT_EQ(table.error().code(), errc::bad_data) << answer;
    EXPECT_NE(table.error().detail().find("dynamodb.endpoints"), std::string::npos) << answer;
    EXPECT_FALSE(ttl_description_from(answer)) << answer;
    EXPECT_FALSE(point_in_time_recovery_from(answer)) << answer;
  }
}

TEST(table_description, members_of_the_wrong_type_count_as_absent) {
  const auto table = table_description_from(R"({"Table":{"TableStatus":1,"KeySchema":"x","AttributeDefinitions":{},
    "BillingModeSummary":[],"ProvisionedThroughput":{"ReadCapacityUnits":1e300,"WriteCapacityUnits":"4"},
    "Replicas":[1,"x",{"RegionName":5},{}],"StreamSpecification":7,"DeletionProtectionEnabled":"yes"}})");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->status, "");
  EXPECT_EQ(table->units.read, 0);
  EXPECT_EQ(table->units.write, 0);
  EXPECT_TRUE(table->replicas.empty());
  EXPECT_EQ(table->deletion_protection, std::nullopt);
}

ttl_description ttl_of(const std::string& status) {
  return ttl_description_from(R"({"TimeToLiveDescription":{"AttributeName":"expires","TimeToLiveStatus":")" + status +
                              R"("}})")
      .value();
}

TEST(table_description, ttl_is_on_from_when_it_is_asked_for) {
  EXPECT_EQ(ttl_of("ENABLED").attribute, "expires");
  EXPECT_EQ(ttl_of("ENABLING").attribute, "expires");
  EXPECT_EQ(ttl_of("DISABLING").attribute, "");
  EXPECT_EQ(ttl_of("DISABLING").status, "DISABLING");
  EXPECT_EQ(ttl_of("DISABLED").attribute, "");
}

TEST(table_description, recovery_is_on_or_off) {
  const auto answer = [](const std::string& status) {
    return R"({"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":")" +
           status + R"("}}})";
  };
  EXPECT_TRUE(point_in_time_recovery_from(answer("ENABLED")).value());
  EXPECT_FALSE(point_in_time_recovery_from(answer("DISABLED")).value());
  EXPECT_FALSE(point_in_time_recovery_from(R"({"ContinuousBackupsDescription":{}})").value());
}

}  // namespace
}  // namespace mooring
