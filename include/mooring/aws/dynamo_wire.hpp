// DynamoDB's JSON protocol 1.0: requests and answers to and from bytes, pure.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
// Decoding foreign bytes never throws: what does not fit is errc::bad_data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mooring/aws/dynamo_types.hpp"
#include "mooring/base/error.hpp"

namespace mooring {

std::string encode(const get_request& request);
std::string encode(const write_request& request);  // UpdateItem or DeleteItem, as write_request says

struct decoded_answer {
  std::optional<item> found;  // "Item" (GetItem, failed condition) or "Attributes" (ALL_OLD)
  double capacity_units = 0;
};
result<decoded_answer> decode_answer(std::string_view body);

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace mooring
