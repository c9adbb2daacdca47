// What the sidecar computes for one probe: the request read, its page looked up. Everything else of a probe is the
// kernel.
#include <benchmark/benchmark.h>

#include "sidecar/http/page.hpp"
#include "sidecar/http/request_reader.hpp"

namespace mooring::sidecar {
namespace {

void answer_probe(benchmark::State& state) {
  const page healthy = health_page(verdict_kind::pass);
  for (auto _ : state) {
    request_reader reader;
    reader.append("GET /healthz HTTP/1.1\r\nHost: 10.0.0.1:8081\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\r\n");
    const auto arrived = reader.next();
    if (!arrived || !arrived->question) state.SkipWithError("the probe is not understood");
    benchmark::DoNotOptimize(healthy.bytes(*arrived->question).data());
  }
}
BENCHMARK(answer_probe);

}  // namespace
}  // namespace mooring::sidecar
