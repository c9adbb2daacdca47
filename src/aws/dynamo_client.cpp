#include "mooring/aws/dynamo_client.hpp"

#include <curl/curl.h>

#include <random>

#include "mooring/aws/dynamo_error.hpp"
#include "mooring/aws/dynamo_wire.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

// A pause that would leave less than this for the next try is not worth taking.
constexpr auto least_time_for_a_try = 10ms;

// Date has whole seconds, and an answer may have been under way for some.
constexpr seconds unnoticed_skew{5};

std::string host_of(const std::string& url) {
  const auto start = url.find("://") + 3;
  return url.substr(start, url.find('/', start) - start);
}

double random_fraction() {
  thread_local std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

}  // namespace

struct dynamo_client::answer {
  std::string body;
  bool condition_failed = false;
};

std::string dynamodb_url(const dynamodb_settings& config, const std::string& region) {
  if (const auto found = config.endpoints.find(region); found != config.endpoints.end()) {
    std::string url = found->second;
    while (url.back() == '/')
      url.pop_back();
    return url;
  }
  const bool china = region.rfind("cn-", 0) == 0;
  return "https://dynamodb." + region + (china ? ".amazonaws.com.cn" : ".amazonaws.com");
}

dynamo_client::dynamo_client(http_client& http, credentials_provider& keys, const clock& time, const logger& log,
                             metrics& registry, const dynamodb_settings& config, const std::string& region)
    : http_(http),
      keys_(keys),
      time_(time),
      log_(log),
      region_(region),
      url_(dynamodb_url(config, region)),
      is_aws_(config.endpoints.count(region) == 0),
      names_(config.names),
      attempt_timeout_(config.attempt_timeout),
      signer_({region, "dynamodb"}, {}),
      requests_(registry.make_counter("mooring_dynamodb_requests_total", "Requests sent to DynamoDB, retries included",
                                      {{"region", region}})),
      retries_(registry.make_counter("mooring_dynamodb_retries_total", "Requests that repeated a failed one",
                                     {{"region", region}})),
      capacity_(registry.make_counter("mooring_dynamodb_capacity_units_total", "Capacity units that DynamoDB counted",
                                      {{"region", region}})),
      latency_(registry.make_histogram("mooring_dynamodb_request_duration_seconds", "Time of one request to DynamoDB",
                                       {{"region", region}})) {}

result<http_request> dynamo_client::signed_request(const std::string& operation, const std::string& body) {
  auto keys = keys_.current();
  if (!keys) return keys.error();
  signable_request unsigned_parts;
  unsigned_parts.method = "POST";
  unsigned_parts.target = "/";
  unsigned_parts.headers = {{"host", host_of(url_)},
                            {"content-type", "application/x-amz-json-1.0"},
                            {"x-amz-target", "DynamoDB_20120810." + operation}};
  unsigned_parts.body = body;
  const auto signature = signer_.sign(unsigned_parts, *keys, time_.wall() + clock_correction_);
  http_request out;
  out.url = url_ + "/";
  out.headers = unsigned_parts.headers;
  out.headers.insert(out.headers.end(), signature.added.begin(), signature.added.end());
  out.body = body;
  return out;
}

// True when the service's Date showed a difference that was not known.
bool dynamo_client::learn_clock(const http_response& response) {
  const auto date = response.header("date");
  if (!date) return false;
  const std::time_t service = curl_getdate(std::string(*date).c_str(), nullptr);
  if (service < 0) return false;
  const seconds difference{service - unix_seconds(time_.wall())};
  const seconds correction = std::chrono::abs(difference) <= unnoticed_skew ? seconds(0) : difference;
  if (std::chrono::abs(correction - clock_correction_) <= unnoticed_skew) return false;
  clock_correction_ = correction;
  log_.warn("dynamodb.clock_corrected", "region", region_, "seconds", correction.count(), "remedy",
            "set this node's clock");
  return true;
}

task<result<dynamo_client::answer>> dynamo_client::attempt(const std::string& operation, const std::string& body,
                                                           attempt_options options) {
  for (bool corrected = false;; corrected = true) {
    auto request = signed_request(operation, body);
    if (!request) co_return request.error();
    request->fresh_connection = options.fresh_connection;
    const auto started = time_.steady();
    requests_.add();
    auto response = co_await http_.send(std::move(*request), options.deadline);
    latency_.observe(std::chrono::duration<double>(time_.steady() - started).count());
    if (!response) {
      const std::string what = operation + " in " + region_ + ": " + response.error().detail();
      co_return error(response.error().code(), what);
    }
    const bool learned = learn_clock(*response);
    auto fault = classify(response->status, response->body, operation, region_);
    answer out;
    out.body = std::move(response->body);
    out.condition_failed = fault && fault->condition_failed;
    if (!fault || out.condition_failed) co_return out;
    const bool clock_error = fault->as_error.code() == errc::clock_skew;
    if (!clock_error || corrected || !learned) co_return fault->as_error;
  }
}

task<result<dynamo_client::answer>> dynamo_client::retried(const std::string& operation, const std::string& body,
                                                           steady_time deadline) {
  attempt_options options;
  options.fresh_connection = false;
  std::optional<error> former;
  for (int failures = 0;; ++failures) {
    options.deadline = std::min(deadline, time_.steady() + attempt_timeout_);
    const bool is_cut_short = options.deadline == deadline;
    auto outcome = co_await attempt(operation, body, options);
    if (outcome || !outcome.error().meaning().retryable) co_return outcome;
    // That there was no time left for another answer says nothing; what failed before that does.
    const bool had_no_time = is_cut_short && outcome.error().code() == errc::timed_out;
    if (had_no_time && former) co_return *former;
    former = outcome.error();
    // A kept connection may be the only thing that is broken, or the only thing that still works.
    options.fresh_connection = outcome.error().code() != errc::throttled;
    const auto pause = backoff_.pause(failures, random_fraction());
    if (time_.steady() + pause + least_time_for_a_try > deadline) co_return outcome;
    retries_.add();
    const bool slept = co_await sleep_for(pause);
    if (!slept) co_return error(errc::cancelled, operation + ": cancelled between two tries");
  }
}

task<result<std::optional<item>>> dynamo_client::get(get_request request, call_budget budget) {
  const std::string operation = "GetItem";
  const std::string body = encode(request);
  auto outcome = co_await retried(operation, body, budget.deadline);
  if (!outcome) co_return outcome.error();
  auto decoded = decode_answer(outcome->body);
  if (!decoded) co_return decoded.error();
  capacity_.add(decoded->capacity_units);
  budget.spend(decoded->capacity_units);
  co_return std::move(decoded->found);
}

task<result<write_outcome>> dynamo_client::write(write_request request, call_budget budget) {
  const std::string operation = request.update.empty() ? "DeleteItem" : "UpdateItem";
  const std::string body = encode(request);
  auto outcome = co_await retried(operation, body, budget.deadline);
  if (!outcome) co_return outcome.error();
  auto decoded = decode_answer(outcome->body);
  if (!decoded) co_return decoded.error();
  capacity_.add(decoded->capacity_units);
  budget.spend(decoded->capacity_units);
  write_outcome out;
  out.condition_held = !outcome->condition_failed;
  if (decoded->found) out.stored = std::move(*decoded->found);
  co_return out;
}

task<result<std::string>> dynamo_client::call(std::string operation, std::string body, steady_time deadline) {
  auto outcome = co_await retried(operation, body, deadline);
  if (!outcome) co_return outcome.error();
  co_return std::move(outcome->body);
}

task<result<void>> dynamo_client::probe(std::string table, bool fresh_connection, steady_time deadline) {
  get_request canary;
  canary.table = std::move(table);
  canary.key.emplace(names_.partition_key, attribute::text("mooring-canary"));
  canary.consistent = false;
  const std::string operation = "GetItem";
  const std::string body = encode(canary);
  attempt_options options;
  options.fresh_connection = fresh_connection;
  options.deadline = deadline;
  auto outcome = co_await attempt(operation, body, options);
  if (!outcome) co_return outcome.error();
  result<void> healthy;
  co_return healthy;
}

}  // namespace mooring
