#include "dynamodb_check.hpp"

namespace mooring::sidecar {
namespace {

constexpr milliseconds time_to_tell{20};

}  // namespace

dynamodb_check::dynamodb_check(dynamo_client& client, std::string table, std::int64_t fresh_every)
    : client_(client), table_(std::move(table)), name_("dynamodb." + client.region()), fresh_every_(fresh_every) {}

task<outcome> dynamodb_check::probe(steady_time deadline) {
  const bool alternate = watch_.pace && watch_.pace().alternate_fresh;
  const bool fresh = ++runs_ % fresh_every_ == 0 || (alternate && !last_was_fresh_);
  last_was_fresh_ = fresh;
  region_probe run;
  run.fresh = fresh;
  run.begun = std::chrono::steady_clock::now();
  // The scheduler gives up at the deadline, and then nobody would hear what was wrong.
  const auto answered = co_await client_.probe(table_, fresh, deadline - time_to_tell);
  const error failure = answered ? error() : answered.error();
  if (!answered) run.failure = &failure;
  if (watch_.seen) watch_.seen(run);
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
