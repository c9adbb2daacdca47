#include "mooring/aws/dynamo_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_http.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

class any_keys final : public credentials_provider {
 public:
  result<credentials> current() override { return credentials(); }
};

std::string fault(const std::string& type) {
  return R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + type + R"(","message":"says the test"})";
}

constexpr const char* ttl_is_on =
    R"({"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"expires"}})";
constexpr const char* ttl_is_off = R"({"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}})";

std::string table(const std::string& status) {
  return R"({"Table":{"TableStatus":")" + status +
         R"(","KeySchema":[{"AttributeName":"session_id","KeyType":"HASH"}],
             "AttributeDefinitions":[{"AttributeName":"session_id","AttributeType":"S"}]}})";
}

struct dynamo_table_test : ::testing::Test {
  dynamo_table_test() {
    wish.name = "sessions";
    wish.region = "us-east-1";
  }

  void answer_look(const std::string& status, const char* ttl = ttl_is_on) {
    http.answer(200, table(status));
    http.answer(200, ttl);
  }
  void answer_no_table() { http.answer(400, fault("ResourceNotFoundException")); }

  result<table_description> prepare(milliseconds patience = 20s) {
    const auto listen = [this](const std::string& text) { heard.push_back(text); };
    return test::run_task(prepare_table(client, wish, listen, time.steady() + patience));
  }

  std::vector<std::string> operations() const {
    std::vector<std::string> out;
    for (const http_request& request : http.sent)
      for (const auto& [name, value] : request.headers)
        if (name == "x-amz-target") out.push_back(value.substr(value.find('.') + 1));
    return out;
  }
  std::ptrdiff_t sent(const std::string& operation) const {
    const auto all = operations();
    return std::count(all.begin(), all.end(), operation);
  }

  test::scripted_http http;
  any_keys keys;
  test::fake_clock time;
  std::string lines;
  metrics registry;
  dynamodb_settings config;
  dynamo_client client{http, keys, time, logger::to_string(lines), registry, config, "us-east-1"};
  table_wish wish;
  std::vector<std::string> heard;
};

TEST_F(dynamo_table_test, a_table_is_created_waited_for_and_given_ttl) {
  answer_no_table();
  http.answer(200, "{}");
  answer_look("CREATING", ttl_is_off);
  answer_look("ACTIVE", ttl_is_off);
  http.answer(200, "{}");
  answer_look("ACTIVE");
  ASSERT_TRUE(prepare());
  const std::vector<std::string> looks{"DescribeTable",      "CreateTable",   "DescribeTable",
                                       "DescribeTimeToLive", "DescribeTable", "DescribeTimeToLive",
                                       "UpdateTimeToLive",   "DescribeTable", "DescribeTimeToLive"};
  EXPECT_EQ(operations(), looks);
  const std::vector<std::string> told{"creating it", "it is CREATING", "switching TTL on for \"expires\""};
  EXPECT_EQ(heard, told);
}

TEST_F(dynamo_table_test, what_is_not_seen_yet_is_not_asked_for_twice) {
  answer_no_table();
  http.answer(200, "{}");
  answer_no_table();
  answer_look("ACTIVE");
  ASSERT_TRUE(prepare());
  EXPECT_EQ(sent("CreateTable"), 1);
}

TEST_F(dynamo_table_test, a_creation_whose_answer_was_lost_is_found_done) {
  answer_no_table();
  http.fail(errc::timed_out);
  http.answer(400, fault("ResourceInUseException"));
  answer_look("ACTIVE");
  ASSERT_TRUE(prepare());
  EXPECT_EQ(sent("CreateTable"), 2) << "the second try is the client's";
}

TEST_F(dynamo_table_test, a_change_that_others_were_in_the_way_of_is_tried_again) {
  answer_look("ACTIVE", ttl_is_off);
  http.answer(400, fault("ResourceInUseException"));
  answer_look("UPDATING", ttl_is_off);
  answer_look("ACTIVE", ttl_is_off);
  http.answer(200, "{}");
  answer_look("ACTIVE");
  ASSERT_TRUE(prepare());
  EXPECT_EQ(sent("UpdateTimeToLive"), 2);
}

TEST_F(dynamo_table_test, waiting_ends_at_the_deadline_and_says_for_what) {
  answer_look("CREATING");
  for (int i = 0; i < 100; ++i)
    http.fail(errc::timed_out);
  const auto outcome = prepare(400ms);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), errc::timed_out);
  EXPECT_EQ(outcome.error().detail(), "it is CREATING");
}

TEST_F(dynamo_table_test, a_wish_that_cannot_be_met_changes_nothing) {
  wish.names.partition_key = "id";
  answer_look("ACTIVE", ttl_is_off);
  const auto outcome = prepare();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), errc::invalid_argument);
  EXPECT_EQ(http.sent.size(), 2U);
}

TEST_F(dynamo_table_test, a_refused_change_is_told_at_once) {
  answer_no_table();
  http.answer(400, fault("AccessDeniedException"));
  const auto outcome = prepare();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), errc::misconfigured);
  EXPECT_EQ(http.sent.size(), 2U);
}

TEST_F(dynamo_table_test, services_without_backups_are_no_error) {
  const auto ask = [this] { return test::run_task(point_in_time_recovery(client, "t", time.steady() + 5s)); };
  http.answer(400, R"({"__type":"com.amazon.coral.service#UnknownOperationException"})");
  EXPECT_EQ(ask().value(), std::nullopt);
  http.answer(200, R"({"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":
                       {"PointInTimeRecoveryStatus":"ENABLED"}}})");
  EXPECT_EQ(ask().value(), true);
  http.answer(400, fault("AccessDeniedException"));
  EXPECT_FALSE(ask());
  http.answer(200, "[]");
  EXPECT_EQ(ask().error().code(), errc::bad_data);
}

TEST_F(dynamo_table_test, global_tables_of_2017_are_told_by_a_call_of_their_own) {
  const auto ask = [this] { return test::run_task(is_global_table_of_2017(client, "t", time.steady() + 5s)); };
  http.answer(200, R"({"GlobalTableDescription":{}})");
  EXPECT_TRUE(ask().value());
  EXPECT_EQ(http.sent.back().body, R"({"GlobalTableName":"t"})");
  http.answer(400, fault("GlobalTableNotFoundException"));
  EXPECT_FALSE(ask().value());
  http.answer(400, R"({"__type":"com.amazon.coral.service#UnknownOperationException"})");
  EXPECT_FALSE(ask().value());
  http.answer(400, fault("AccessDeniedException"));
  EXPECT_FALSE(ask()) << "not known is not no";
}

}  // namespace
}  // namespace mooring
