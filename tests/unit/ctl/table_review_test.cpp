#include "ctl/report/table_review.hpp"

#include <gtest/gtest.h>

namespace mooring::ctl {
namespace {

table_description good_table(const std::string& replica) {
  table_description out;
  out.exists = true;
  out.status = "ACTIVE";
  out.partition_key = "session_id";
  out.key_type = "S";
  out.ttl_attribute = "expires";
  out.ttl_status = "ENABLED";
  out.on_demand = true;
  out.deletion_protection = true;
  out.consistency = "EVENTUAL";
  out.global_table_version = "2019.11.21";
  table_replica other;
  other.region = replica;
  other.status = "ACTIVE";
  out.replicas.push_back(other);
  return out;
}

region_view view_of(const std::string& region, result<table_description> table) {
  return {region, std::move(table), result<bool>(true), "check the network"};
}

error no_answer() {
  return error(errc::timed_out, "DescribeTable gave no answer");
}

struct table_review : ::testing::Test {
  table_review() {
    wish.name = "sessions";
    wish.region = "us-east-1";
    views.push_back(view_of("us-east-1", good_table("eu-west-1")));
    views.push_back(view_of("eu-west-1", good_table("us-east-1")));
  }

  table_description& primary() { return *views.front().table; }
  table_description& secondary() { return *views.back().table; }
  void stand_apart() {
    for (region_view& view : views) {
      view.table->replicas.clear();
      view.table->global_table_version.clear();
      view.table->consistency.clear();
    }
  }
  findings all() const { return review_tables(wish, views, of_2017); }

  // The line about something, without its mark; the test fails when it has another level.
  std::string line(finding_level level, const std::string& region, const std::string& about) const {
    for (const finding& one : all()) {
      if (one.region != region || one.about != about) continue;
      EXPECT_EQ(name_of(one.level), name_of(level)) << line_of(one);
      return sentence_of(one);
    }
    ADD_FAILURE() << "nothing is said of " << about << " in " << region;
    return "";
  }
  void expect(finding_level level, const std::string& about, const std::string& words,
              const std::string& region = "us-east-1") const {
    const std::string text = line(level, region, about);
    EXPECT_NE(text.find(words), std::string::npos) << text;
  }
  bool is_silent_on(const std::string& about) const {
    for (const finding& one : all())
      if (one.about == about) return false;
    return true;
  }

  table_wish wish;
  std::vector<region_view> views;
  std::optional<bool> of_2017 = false;
};

using enum finding_level;

TEST_F(table_review, a_good_table_has_good_lines_only) {
  for (const finding& one : all())
    EXPECT_EQ(one.level, ok) << line_of(one);
  EXPECT_EQ(exit_code_of(all()), 0);
  expect(ok, "table", "sessions is ACTIVE", "eu-west-1");
  expect(ok, "key", "session_id (S) alone");
  expect(ok, "ttl", "on for \"expires\"");
  expect(ok, "billing", "on-demand");
  expect(ok, "replica", "eu-west-1 is ACTIVE");
  expect(ok, "consistency", "MREC");
}

TEST_F(table_review, states_other_than_active_are_told_with_what_to_do) {
  primary().status = "UPDATING";
  expect(warn, "table", "usable; wait");
  primary().status = "CREATING";
  expect(fail, "table", "sessions is CREATING; wait");
  primary().status = "ARCHIVED";
  expect(fail, "table", "mooringctl table create");
}

TEST_F(table_review, a_wrong_key_needs_another_table) {
  secondary().has_sort_key = true;
  expect(fail, "key", "name another table in dynamodb.table", "eu-west-1");
}

TEST_F(table_review, ttl_is_on_for_the_right_attribute) {
  primary().ttl_status = "ENABLING";
  expect(ok, "ttl", "within an hour");
  primary().ttl_attribute.clear();
  primary().ttl_status = "DISABLED";
  expect(fail, "ttl", "run mooringctl table create");
  primary().ttl_status = "DISABLING";
  expect(fail, "ttl", "an hour from now run mooringctl table create");
  primary().ttl_attribute = "until";
  expect(fail, "ttl", "Enabled=false,AttributeName=until --region us-east-1");
}

TEST_F(table_review, provisioned_tables_are_told_with_their_figures) {
  primary().on_demand = false;
  primary().units.read = 5;
  primary().units.write = 7;
  expect(warn, "billing", "5 read and 7 write units a second");
  expect(warn, "billing", "aws dynamodb update-table --table-name sessions --billing-mode PAY_PER_REQUEST");
  EXPECT_EQ(exit_code_of(all()), 0);
}

TEST_F(table_review, protection_and_recovery_are_advice) {
  primary().deletion_protection = false;
  views.front().recovery = result<bool>(false);
  expect(ok, "deletion protection", "--deletion-protection-enabled --region us-east-1");
  expect(ok, "point-in-time recovery", "aws dynamodb update-continuous-backups --table-name sessions");
  views.front().recovery = result<bool>(error(errc::misconfigured, "AccessDenied"));
  expect(ok, "point-in-time recovery", "not known: AccessDenied; allow dynamodb:DescribeContinuousBackups");
  for (region_view& view : views) {
    view.recovery.reset();
    view.table->deletion_protection.reset();
  }
  EXPECT_TRUE(is_silent_on("point-in-time recovery"));
  EXPECT_TRUE(is_silent_on("deletion protection"));
}

TEST_F(table_review, strong_consistency_is_not_what_mooring_is_made_for) {
  primary().consistency = "STRONG";
  primary().ttl_attribute.clear();
  expect(warn, "consistency", "MRSC");
  expect(fail, "ttl", "DynamoDB has no TTL there");
}

TEST_F(table_review, a_replica_has_to_be_active) {
  primary().replicas.front().status = "UPDATING";
  expect(warn, "replica", "usable");
  primary().replicas.front().status = "CREATING";
  expect(fail, "replica", "eu-west-1 is CREATING; wait");
  primary().replicas.front().status = "CREATION_FAILED";
  expect(fail, "replica", R"('[{"Delete":{"RegionName":"eu-west-1"}}]')");
}

TEST_F(table_review, a_missing_replica_is_made_by_table_create) {
  stand_apart();
  views.back().table = table_description();
  expect(fail, "replica", "eu-west-1 has none; run mooringctl table create --replica eu-west-1");
  expect(fail, "table", "does not exist", "eu-west-1");
}

TEST_F(table_review, two_tables_of_one_name_are_no_global_table) {
  stand_apart();
  EXPECT_TRUE(may_be_of_2017(views));
  expect(fail, "replica",
         "if nothing in it is needed: aws dynamodb delete-table --table-name sessions --region eu-west-1");
  of_2017 = true;
  expect(fail, "replica", "V2globaltables_upgrade");
  of_2017 = std::nullopt;
  expect(fail, "replica", "allow dynamodb:DescribeGlobalTable");
  EXPECT_EQ(line(fail, "us-east-1", "replica").find("delete-table"), std::string::npos)
      << "nobody is told to delete what may be a replica";
}

TEST_F(table_review, only_two_tables_without_replicas_may_be_of_2017) {
  EXPECT_FALSE(may_be_of_2017(views));
  stand_apart();
  views.back().table = table_description();
  EXPECT_FALSE(may_be_of_2017(views));
  views.pop_back();
  EXPECT_FALSE(may_be_of_2017(views));
}

TEST_F(table_review, a_table_in_the_secondary_alone_is_where_the_primary_comes_from) {
  stand_apart();
  views.front().table = table_description();
  expect(
      fail, "table",
      R"(aws dynamodb update-table --table-name sessions --replica-updates '[{"Create":{"RegionName":"us-east-1"}}]')"
      " --region eu-west-1");
  EXPECT_TRUE(is_silent_on("replica"));
}

TEST_F(table_review, a_region_that_does_not_answer_is_unknown) {
  views.back().table = no_answer();
  expect(unknown, "table", "DescribeTable gave no answer; check the network", "eu-west-1");
  expect(ok, "replica", "eu-west-1 is ACTIVE");
  EXPECT_EQ(exit_code_of(all()), 2);
  primary().replicas.clear();
  expect(unknown, "replica", "cannot be told");
}

TEST_F(table_review, the_secondary_tells_while_the_primary_is_silent) {
  views.front().table = no_answer();
  expect(ok, "replica", "us-east-1 is ACTIVE", "eu-west-1");
  secondary().replicas.clear();
  expect(unknown, "replica", "cannot be told", "eu-west-1");
  EXPECT_EQ(exit_code_of(all()), 2);
}

TEST_F(table_review, one_region_needs_no_replica) {
  views.pop_back();
  expect(ok, "replica", "eu-west-1 is ACTIVE, not used by this node");
  stand_apart();
  EXPECT_TRUE(is_silent_on("replica"));
  EXPECT_TRUE(is_silent_on("consistency"));
  EXPECT_EQ(exit_code_of(all()), 0);
}

TEST_F(table_review, what_a_node_needs_is_the_first_part) {
  const findings found = review_table(wish, views.front());
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found.back().about, "billing");
  views.front().table = table_description();
  EXPECT_EQ(exit_code_of(review_table(wish, views.front())), 1);
}

}  // namespace
}  // namespace mooring::ctl
