#include "dynamodb_check.hpp"

namespace mooring::sidecar {

dynamodb_check::dynamodb_check(dynamo_client& client, std::string table, std::int64_t fresh_every, const clock& time)
    : client_(client),
      table_(std::move(table)),
      name_("dynamodb." + client.region()),
      fresh_every_(fresh_every),
      time_(time) {}

task<outcome> dynamodb_check::probe(steady_time deadline) {
  const region_pace pace = watch_.pace ? watch_.pace() : region_pace();
  const bool fresh = ++runs_ % fresh_every_ == 0 || (pace.alternate_fresh && !last_was_fresh_);
  last_was_fresh_ = fresh;
  region_probe run;
  run.fresh = fresh;
  run.begun = time_.steady();
  result<void> answered = error(errc::region_unavailable, "a drill");
  if (!pace.silent) answered = co_await client_.probe(table_, fresh, deadline - time_to_tell);
  const error failure = answered ? error() : answered.error();
  if (!answered) run.failure = &failure;
  if (watch_.seen) watch_.seen(run);
  if (answered) co_return outcome::fine();
  co_return outcome::failed(failure_class_of(answered.error().code()), answered.error().detail());
}

}  // namespace mooring::sidecar
