// DynamoDB's refusals: a letter for the HTTP status, then the body.
// This code should never throw, for any input.
#include <array>

#include "fuzz.hpp"
#include "mooring/aws/dynamo_error.hpp"

using mooring::fuzz::must;

namespace {

constexpr std::array<long, 8> statuses{200, 400, 403, 413, 429, 500, 503, 0};
constexpr std::size_t longest_text = 300;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const long status = statuses[data[0] % statuses.size()];
  const auto fault = mooring::classify(status, mooring::fuzz::text_of(data + 1, size - 1), "GetItem", "eu-west-1");
  must(fault.has_value() == (status != 200), "every status but 200 is a fault");
  if (!fault) return 0;
  must(fault->message.size() <= longest_text, "a message for the log is short");
  must(!fault->condition_failed || fault->type == "ConditionalCheckFailedException", "the type names the condition");
  must(!fault->as_error.text().empty(), "a fault has a text");
  return 0;
}
