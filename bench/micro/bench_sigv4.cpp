// The signature of one GetItem: with the day's key at hand, and for the first request of a day.
#include <benchmark/benchmark.h>

#include "mooring/aws/sigv4.hpp"

namespace mooring {
namespace {

const std::string get_item =
    R"({"ConsistentRead":true,"Key":{"session_id":{"S":"PHPSESSID:d74ff0ee8da3b9806b18c877dbf29bbde50b5bd8e4dad7a3a725000feb82e8f1"}},)"
    R"("ReturnConsumedCapacity":"TOTAL","TableName":"mooring_sessions"})";

signable_request request() {
  signable_request out;
  out.method = "POST";
  out.target = "/";
  out.headers = {{"host", "dynamodb.eu-west-1.amazonaws.com"},
                 {"content-type", "application/x-amz-json-1.0"},
                 {"x-amz-target", "DynamoDB_20120810.GetItem"}};
  out.body = get_item;
  return out;
}

const credentials keys{"AKIAEXAMPLEEXAMPLE00", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const wall_time now{seconds(1'760'946'480)};

void sign_get_item(benchmark::State& state) {
  sigv4_signer signer({"eu-west-1", "dynamodb"}, {});
  const auto what = request();
  for (auto _ : state)
    benchmark::DoNotOptimize(signer.sign(what, keys, now));
}
BENCHMARK(sign_get_item);

void sign_first_of_a_day(benchmark::State& state) {
  const auto what = request();
  for (auto _ : state) {
    sigv4_signer signer({"eu-west-1", "dynamodb"}, {});
    benchmark::DoNotOptimize(signer.sign(what, keys, now));
  }
}
BENCHMARK(sign_first_of_a_day);

}  // namespace
}  // namespace mooring
