// One SESSION.COMMIT of 3 KB through sessiond's parser and back out as its reply; SESSION.OPEN's reply carries the
// data.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "mooring/resp/parser.hpp"
#include "mooring/resp/writer.hpp"
#include "samples.hpp"

namespace mooring::sessiond {
namespace {

std::string commit_request() {
  std::string out;
  resp_writer writer(out);
  writer.array(6);
  for (const std::string& argument :
       {std::string("SESSION.COMMIT"), std::string("PHPSESSID"), std::string("5e884898da28047151d0e56f8dc62927"),
        std::string("1700000000000000-7"), std::string("1440"), bench::session_data()})
    writer.bulk(argument);
  return out;
}

void parse_commit(benchmark::State& state) {
  const std::string bytes = commit_request();
  const auto chunk = static_cast<std::size_t>(state.range(0));
  resp_parser parser;
  std::int64_t requests = 0;
  for (auto _ : state) {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const auto room = parser.prepare();
      const std::size_t count = std::min({room.size(), chunk, bytes.size() - sent});
      std::copy_n(bytes.data() + sent, count, room.data());
      parser.commit(count);
      sent += count;
      if (parser.next() != resp_parser::step::request) continue;
      benchmark::DoNotOptimize(parser.take());
      ++requests;
    }
  }
  if (requests != state.iterations()) state.SkipWithError("the parser lost requests");
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(parse_commit)->ArgName("chunk")->Arg(1 << 16)->Arg(512);

void write_open_reply(benchmark::State& state) {
  const std::string data = bench::session_data();
  std::string out;
  for (auto _ : state) {
    out.clear();
    resp_writer writer(out);
    writer.array(2);
    writer.bulk("1700000000000000-7");
    writer.bulk(data);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(out.size()) * state.iterations());
}
BENCHMARK(write_open_reply);

}  // namespace
}  // namespace mooring::sessiond
