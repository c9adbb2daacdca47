#include "mooring/aws/dynamo_error.hpp"

#include <algorithm>
#include <array>

#include "mooring/base/json.hpp"

namespace mooring {
namespace {

constexpr std::array<std::string_view, 6> throttle_types{"ProvisionedThroughputExceededException",
                                                         "ThrottlingException",
                                                         "Throttling",
                                                         "RequestLimitExceeded",
                                                         "LimitExceededException",
                                                         "TransactionInProgressException"};

constexpr std::array<std::string_view, 4> regional_types{"InternalServerError", "InternalServerErrorException",
                                                         "ServiceUnavailable", "ServiceUnavailableException"};

// "Signature expired: 20200101T000000Z is now earlier than ..." and "Signature not yet current: ..."
constexpr std::array<std::string_view, 2> clock_phrases{"Signature expired", "Signature not yet current"};

constexpr std::size_t longest_message = 300;

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

errc class_of(long status, std::string_view type, std::string_view message) {
  for (const auto phrase : clock_phrases)
    if (message.find(phrase) != std::string_view::npos) return errc::clock_skew;
  if (among(throttle_types, type) || status == 429) return errc::throttled;
  if (among(regional_types, type) || status >= 500) return errc::region_unavailable;
  if (type == "ConditionalCheckFailedException") return errc::stale;
  if (type == "ValidationException" && message.find("Item size") != std::string_view::npos) return errc::too_large;
  return errc::misconfigured;
}

std::optional<dynamo_fault> classify(long status, std::string_view body, std::string_view operation,
                                     std::string_view region) {
  if (status == 200) return std::nullopt;
  const auto parsed = parse_json(body);
  dynamo_fault out;
  if (parsed.is_object()) {
    const std::string full = text_at(parsed, "__type");
    out.type = full.substr(full.find('#') + 1);
    out.message = text_at(parsed, "message");
    if (out.message.empty()) out.message = text_at(parsed, "Message");
  }
  if (out.message.size() > longest_message) out.message.resize(longest_message);
  out.condition_failed = out.type == "ConditionalCheckFailedException";
  std::string text = std::string(operation) + " in " + std::string(region) + ": HTTP " + std::to_string(status);
  if (!out.type.empty()) text += " " + out.type;
  if (!out.message.empty()) text += ": " + out.message;
  out.as_error = error(class_of(status, out.type, out.message), std::move(text));
  return out;
}

}  // namespace mooring
