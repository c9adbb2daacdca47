#include "dynamodb_check.hpp"

namespace mooring::sidecar {

dynamodb_check::dynamodb_check(dynamo_client& client, std::string table, std::int64_t fresh_every)
    : client_(client), table_(std::move(table)), name_("dynamodb." + client.region()), fresh_every_(fresh_every) {}

task<outcome> dynamodb_check::probe(steady_time deadline) {
  const bool fresh = ++runs_ % fresh_every_ == 0;
  const auto answered = co_await client_.probe(table_, fresh, deadline);
  if (answered) co_return outcome::fine();
  co_return outcome::failed(class_of_dynamo_error(answered.error().code()), answered.error().detail());
}

failure_class class_of_dynamo_error(errc code) {
  switch (code) {
    case errc::region_unavailable:
      return failure_class::down;
    case errc::timed_out:
      return failure_class::timed_out;
    case errc::throttled:
      return failure_class::overload;
    case errc::misconfigured:
      return failure_class::configuration;
    case errc::clock_skew:
      return failure_class::clock;
    case errc::no_network:
      return failure_class::no_network;
    default:
      return failure_class::bad_answer;
  }
}

}  // namespace mooring::sidecar
