// A session of 3 KB to and from DynamoDB's JSON.
#include <benchmark/benchmark.h>

#include "mooring/aws/dynamo_wire.hpp"
#include "samples.hpp"
#include "sessiond/store/item_schema.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::int64_t now = 1'700'000'000;
const std::string key = "PHPSESSID:d74ff0ee8da3b9806b18c877dbf29bbde50b5bd8e4dad7a3a725000feb82e8f1";

const std::unique_ptr<item_schema> schema = make_mooring_schema();
const write_basis nothing_seen;

void encode_save(benchmark::State& state) {
  session_write write;
  write.data = bench::session_data();
  write.version = 2;
  write.expected = 1;
  write.expires = now + 1440;
  for (auto _ : state)
    benchmark::DoNotOptimize(encode(schema->save(key, write, nothing_seen, now).value().request()));
}
BENCHMARK(encode_save);

void decode_load(benchmark::State& state) {
  const std::string answer = R"({"ConsumedCapacity":{"CapacityUnits":1.0,"TableName":"mooring_sessions"},"Item":{)"
                             R"("session_id":{"S":")" +
                             key + R"("},"expires":{"N":"1700001440"},"ver":{"N":"1"},"data":{"B":")" +
                             base64_encode(bench::session_data()) + R"("}}})";
  for (auto _ : state) {
    const auto decoded = decode_answer(answer);
    const auto live = schema->session_in(*decoded->found, now);
    if (!live || !*live) state.SkipWithError("the item does not decode");
    benchmark::DoNotOptimize(live);
  }
}
BENCHMARK(decode_load);

}  // namespace
}  // namespace mooring::sessiond
