#include "mooring/aws/dynamo_client.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/fixed_keys.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_http.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

constexpr const char* found_item = R"({"Item":{"expires":{"N":"5"}},"ConsumedCapacity":{"CapacityUnits":0.5}})";
constexpr const char* throttled = R"({"__type":"x#ThrottlingException","message":"slow down"})";
constexpr const char* not_found = R"({"__type":"x#ResourceNotFoundException","message":"no table"})";
constexpr const char* expired_signature =
    R"({"__type":"x#InvalidSignatureException","message":"Signature expired: too old"})";

struct dynamo_client_test : ::testing::Test {
  test::scripted_http http;
  test::fixed_keys keys;
  test::fake_clock time;
  std::string lines;
  metrics registry;
  dynamodb_settings config;
  dynamo_client client{http, keys, time, logger::to_string(lines), registry, config, "eu-west-1"};

  result<std::optional<item>> get(milliseconds patience = 5s) {
    get_request request;
    request.table = "t";
    request.key.emplace("session_id", attribute::text("k"));
    return test::run_task(client.get(std::move(request), time.steady() + patience));
  }
};

TEST_F(dynamo_client_test, asks_aws_of_its_region_and_signs) {
  http.answer(200, found_item);
  ASSERT_TRUE(get());
  ASSERT_EQ(http.sent.size(), 1U);
  EXPECT_EQ(http.sent[0].url, "https://dynamodb.eu-west-1.amazonaws.com/");
  const auto& authorization = http.sent[0].headers.back();
  EXPECT_EQ(authorization.first, "authorization");
  EXPECT_NE(authorization.second.find("/eu-west-1/dynamodb/aws4_request"), std::string::npos);
  EXPECT_NE(authorization.second.find("SignedHeaders=content-type;host;x-amz-date;x-amz-target"), std::string::npos);
}

TEST_F(dynamo_client_test, a_regional_failure_is_tried_again_on_a_fresh_connection) {
  http.fail(errc::timed_out);
  http.answer(500, "");
  http.answer(200, found_item);
  EXPECT_TRUE(get());
  ASSERT_EQ(http.sent.size(), 3U);
  EXPECT_FALSE(http.sent[0].fresh_connection);
  EXPECT_TRUE(http.sent[1].fresh_connection);
  EXPECT_TRUE(http.sent[2].fresh_connection);
}

TEST_F(dynamo_client_test, throttling_is_tried_again_on_the_same_connection) {
  http.answer(400, throttled);
  http.answer(200, found_item);
  EXPECT_TRUE(get());
  ASSERT_EQ(http.sent.size(), 2U);
  EXPECT_FALSE(http.sent[1].fresh_connection);
}

TEST_F(dynamo_client_test, what_had_no_time_left_failed_as_it_did_before) {
  http.answer(503, "");
  http.fail(errc::timed_out);
  EXPECT_EQ(get(config.attempt_timeout - 1ms).error().code(), errc::region_unavailable);
  http.answer(400, throttled);
  http.fail(errc::timed_out);
  EXPECT_EQ(get(config.attempt_timeout - 1ms).error().code(), errc::throttled);
  http.answer(400, throttled);
  http.answer(500, "");
  http.fail(errc::timed_out);
  EXPECT_EQ(get(config.attempt_timeout - 1ms).error().code(), errc::region_unavailable) << "it has failed since";
}

TEST_F(dynamo_client_test, a_wrong_configuration_is_told_at_once) {
  http.answer(400, not_found);
  const auto outcome = get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), errc::misconfigured);
  EXPECT_EQ(http.sent.size(), 1U);
  keys.missing = true;
  EXPECT_EQ(get().error().code(), errc::misconfigured);
  EXPECT_EQ(http.sent.size(), 1U);
}

TEST_F(dynamo_client_test, retries_stop_at_the_deadline) {
  const auto outcome = get(60ms);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), errc::region_unavailable);
  EXPECT_GE(http.sent.size(), 2U);
}

TEST_F(dynamo_client_test, a_wrong_clock_is_corrected_by_the_services_own_and_kept) {
  http.answer(400, expired_signature, {{"date", "Fri, 15 Jan 2027 08:20:00 GMT"}});  // 1200 s ahead of the fake clock
  http.answer(200, found_item);
  EXPECT_TRUE(get());
  EXPECT_EQ(client.clock_correction(), 1200s);
  EXPECT_NE(lines.find("dynamodb.clock_corrected"), std::string::npos);
  const auto signed_at = [this](std::size_t i) {
    for (const auto& [name, value] : http.sent[i].headers)
      if (name == "x-amz-date") return value;
    return std::string();
  };
  EXPECT_EQ(signed_at(0), "20270115T080000Z");
  EXPECT_EQ(signed_at(1), "20270115T082000Z");
}

TEST_F(dynamo_client_test, a_skewed_clock_is_noticed_by_any_answer_and_forgotten_when_it_is_right_again) {
  http.answer(200, found_item, {{"date", "Fri, 15 Jan 2027 08:30:00 GMT"}});
  http.answer(200, found_item, {{"date", "Fri, 15 Jan 2027 08:30:04 GMT"}});
  http.answer(200, found_item, {{"date", "Fri, 15 Jan 2027 08:00:03 GMT"}});
  ASSERT_TRUE(get());
  EXPECT_EQ(client.clock_correction(), 1800s);
  ASSERT_TRUE(get());
  EXPECT_EQ(client.clock_correction(), 1800s);
  ASSERT_TRUE(get());
  EXPECT_EQ(client.clock_correction(), 0s);
}

TEST_F(dynamo_client_test, a_clock_error_that_correction_does_not_cure_is_reported_once) {
  for (int i = 0; i < 4; ++i)
    http.answer(400, expired_signature, {{"date", "Fri, 15 Jan 2027 08:20:00 GMT"}});
  EXPECT_EQ(get().error().code(), errc::clock_skew);
  EXPECT_EQ(http.sent.size(), 2U);
}

TEST_F(dynamo_client_test, a_failed_condition_is_an_outcome_with_what_is_stored) {
  http.answer(400, R"({"__type":"x#ConditionalCheckFailedException","Item":{"ver":{"N":"9"}}})");
  write_request request;
  request.table = "t";
  request.update = "SET a = :a";
  request.condition = "b = :b";
  const auto outcome = test::run_task(client.write(std::move(request), time.steady() + 1s));
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->condition_held);
  EXPECT_EQ(number_in(outcome->stored, "ver"), 9);
}

TEST_F(dynamo_client_test, a_probe_is_one_try) {
  http.answer(503, "");
  http.answer(200, "{}");
  EXPECT_EQ(test::run_task(client.probe("t", true, time.steady() + 1s)).error().code(), errc::region_unavailable);
  EXPECT_EQ(http.sent.size(), 1U);
  EXPECT_TRUE(http.sent[0].fresh_connection);
  EXPECT_TRUE(test::run_task(client.probe("t", false, time.steady() + 1s)));
}

TEST_F(dynamo_client_test, counts_capacity) {
  http.answer(200, found_item);
  ASSERT_TRUE(get());
  EXPECT_NE(registry.render().find("mooring_dynamodb_capacity_units_total{region=\"eu-west-1\"} 0.5"),
            std::string::npos);
}

TEST_F(dynamo_client_test, counts_capacity_for_whom_it_was_spent) {
  http.answer(200, found_item);
  http.answer(200, found_item);
  double spent = 0;
  const call_budget budget(time.steady() + 5s, &spent);
  for (int i = 0; i < 2; ++i) {
    get_request request;
    request.table = "t";
    ASSERT_TRUE(test::run_task(client.get(std::move(request), budget)));
  }
  EXPECT_EQ(spent, 1.0);
  EXPECT_EQ(client.consumed_units(), 1.0);
}

TEST(dynamodb_url, names_china_and_configured_endpoints) {
  dynamodb_settings config;
  config.endpoints["r"] = "http://127.0.0.1:8001/";
  EXPECT_EQ(dynamodb_url(config, "cn-north-1"), "https://dynamodb.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(dynamodb_url(config, "r"), "http://127.0.0.1:8001");
}

}  // namespace
}  // namespace mooring
