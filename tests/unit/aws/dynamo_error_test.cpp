#include "mooring/aws/dynamo_error.hpp"

#include <gtest/gtest.h>

namespace mooring {
namespace {

TEST(dynamo_error, only_the_service_failing_is_regional) {
  EXPECT_EQ(class_of(500, "InternalServerError", ""), errc::region_unavailable);
  EXPECT_EQ(class_of(503, "ServiceUnavailable", ""), errc::region_unavailable);
  EXPECT_EQ(class_of(502, "", ""), errc::region_unavailable);
  EXPECT_EQ(class_of(504, "", ""), errc::region_unavailable);
  EXPECT_EQ(class_of(400, "ProvisionedThroughputExceededException", ""), errc::throttled);
  EXPECT_EQ(class_of(400, "ThrottlingException", ""), errc::throttled);
  EXPECT_EQ(class_of(400, "RequestLimitExceeded", ""), errc::throttled);
  EXPECT_EQ(class_of(429, "", ""), errc::throttled);
  EXPECT_EQ(class_of(400, "ResourceNotFoundException", ""), errc::misconfigured);
  EXPECT_EQ(class_of(400, "AccessDeniedException", ""), errc::misconfigured);
  EXPECT_EQ(class_of(400, "UnrecognizedClientException", ""), errc::misconfigured);
  EXPECT_EQ(class_of(400, "ExpiredTokenException", ""), errc::misconfigured);
  EXPECT_EQ(class_of(403, "", ""), errc::misconfigured);
}

TEST(dynamo_error, a_wrong_clock_is_told_from_wrong_keys) {
  EXPECT_EQ(class_of(400, "InvalidSignatureException", "Signature expired: 20200101T000000Z is now earlier than ..."),
            errc::clock_skew);
  EXPECT_EQ(class_of(400, "InvalidSignatureException", "Signature not yet current: ..."), errc::clock_skew);
  EXPECT_EQ(class_of(400, "InvalidSignatureException", "The request signature we calculated does not match"),
            errc::misconfigured);
}

TEST(dynamo_error, an_item_that_is_too_large_is_not_a_wrong_request) {
  EXPECT_EQ(class_of(400, "ValidationException", "Item size has exceeded the maximum allowed size"), errc::too_large);
  EXPECT_EQ(class_of(400, "ValidationException", "Invalid UpdateExpression"), errc::misconfigured);
}

TEST(dynamo_error, reads_the_type_behind_its_namespace) {
  const auto fault = classify(400,
                              R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",)"
                              R"("message":"Requested resource not found"})",
                              "GetItem", "us-east-1");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->type, "ResourceNotFoundException");
  EXPECT_EQ(fault->as_error.detail(),
            "GetItem in us-east-1: HTTP 400 ResourceNotFoundException: Requested resource not found");
}

TEST(dynamo_error, survives_any_body) {
  for (const char* body : {"", "<html>", "[]", "{\"__type\":5}", "{\"message\":null}", "{"}) {
    const auto fault = classify(503, body, "GetItem", "r");
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->as_error.code(), errc::region_unavailable);
  }
  EXPECT_FALSE(classify(200, "", "GetItem", "r"));
}

TEST(dynamo_error, a_failed_condition_is_marked) {
  const auto fault =
      classify(400, R"({"__type":"x#ConditionalCheckFailedException","message":"no"})", "UpdateItem", "r");
  EXPECT_TRUE(fault->condition_failed);
}

}  // namespace
}  // namespace mooring
