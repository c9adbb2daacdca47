#include "control_check.hpp"

namespace mooring::sidecar {
namespace {

std::string host_of(const std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  return url.substr(begin, url.find_first_of("/?", begin) - begin);
}

}  // namespace

control_check::control_check(http_client& http, std::string url, const clock& time)
    : http_(http), url_(std::move(url)), name_("control." + host_of(url_)), time_(time) {}

task<outcome> control_check::probe(steady_time deadline) {
  http_request request;
  request.method = "GET";
  request.url = url_;
  request.fresh_connection = true;
  control_run run;
  run.begun = time_.steady();
  const auto answered = co_await http_.send(std::move(request), deadline - time_to_tell);
  // Too much of an answer is one: the network has brought it.
  const bool fine = answered.has_value() || answered.error().code() == errc::too_large;
  const error failure = fine ? error() : answered.error();
  if (!fine) run.failure = &failure;
  if (watch_.seen) watch_.seen(run);
  if (fine) co_return outcome::fine();
  co_return outcome::failed(failure_class_of(failure.code()), failure.detail());
}

}  // namespace mooring::sidecar
