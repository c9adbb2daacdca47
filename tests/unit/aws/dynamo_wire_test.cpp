#include "mooring/aws/dynamo_wire.hpp"

#include <gtest/gtest.h>

namespace mooring {
namespace {

TEST(base64, round_trips_every_length_and_byte) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    const auto encoded = base64_encode(bytes);
    EXPECT_EQ(encoded.size() % 4, 0U);
    EXPECT_EQ(base64_decode(encoded), bytes);
    bytes.push_back(static_cast<char>(i));
  }
  EXPECT_EQ(base64_encode("Ma"), "TWE=");
  EXPECT_FALSE(base64_decode("TWE"));
  EXPECT_FALSE(base64_decode("T!E="));
}

TEST(dynamo_wire, writes_an_update_with_what_stood_in_the_way) {
  write_request request;
  request.table = "t";
  request.key.emplace("k", attribute::text("a"));
  request.update = "SET #d = :d";
  request.condition = "#v = :x";
  request.names = {{"#d", "data"}, {"#v", "ver"}};
  request.values.emplace(":d", attribute::binary(std::string("\0\xff", 2)));
  request.values.emplace(":x", attribute::number(5));
  EXPECT_EQ(encode(request),
            R"({"ConditionExpression":"#v = :x","ExpressionAttributeNames":{"#d":"data","#v":"ver"},)"
            R"("ExpressionAttributeValues":{":d":{"B":"AP8="},":x":{"N":"5"}},"Key":{"k":{"S":"a"}},)"
            R"("ReturnConsumedCapacity":"TOTAL","ReturnValuesOnConditionCheckFailure":"ALL_OLD","TableName":"t",)"
            R"("UpdateExpression":"SET #d = :d"})");
}

TEST(dynamo_wire, reads_items_and_capacity) {
  const auto read = decode_answer(R"({"Item":{"data":{"B":"AP8="},"expires":{"N":"12"},"s":{"S":"x"},"m":{"M":{}}},)"
                                  R"("ConsumedCapacity":{"CapacityUnits":1.5}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->capacity_units, 1.5);
  EXPECT_EQ(read->found->at("data").value, std::string("\0\xff", 2));
  EXPECT_EQ(number_in(*read->found, "expires"), 12);
  EXPECT_EQ(read->found->at("m").type, attribute::kind::other);
  EXPECT_FALSE(decode_answer("{}")->found);
}

TEST(dynamo_wire, refuses_what_is_no_answer) {
  for (const char* body : {"", "null", "[]", "{\"Item\":5}", "{\"Item\":{\"a\":5}}", "{\"Item\":{\"a\":{\"S\":5}}}",
                           "{\"Item\":{\"a\":{\"B\":\"!\"}}}", "{\"Item\":{\"a\":{}}}"}) {
    const auto read = decode_answer(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code(), errc::bad_data);
  }
}

TEST(dynamo_wire, numbers_that_do_not_fit_are_none) {
  item from;
  from.emplace("n", attribute(attribute::kind::number, "99999999999999999999"));
  from.emplace("f", attribute(attribute::kind::number, "1.5"));
  from.emplace("s", attribute::text("1"));
  for (const char* name : {"n", "f", "s", "absent"})
    EXPECT_FALSE(number_in(from, name)) << name;
}

}  // namespace
}  // namespace mooring
