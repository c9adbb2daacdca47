// What a DynamoDB answer means, as a pure function.
//
// Sources: DynamoDB Programming.Errors, botocore/retries/standard.py. One HTTP 500 is an answer of the regional
// class; how many of them make a failure is not decided here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mooring/base/error.hpp"

namespace mooring {

struct dynamo_fault {
  std::string type;  // "ResourceNotFoundException", without the namespace before '#'
  std::string message;
  bool condition_failed = false;
  error as_error;  // its class; its text names operation, region, type and message
};

// Nothing when the status is 200.
std::optional<dynamo_fault> classify(long status, std::string_view body, std::string_view operation,
                                     std::string_view region);

// The class of one error type, e.g. "ThrottlingException" -> throttled. The message tells clock errors from bad keys.
errc class_of(long status, std::string_view type, std::string_view message);

}  // namespace mooring
