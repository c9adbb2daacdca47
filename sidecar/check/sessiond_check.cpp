#include "sessiond_check.hpp"

namespace mooring::sidecar {
namespace {

outcome failure_of(const error& why) {
  switch (why.code()) {
    case errc::misconfigured:
      return outcome::failed(failure_class::configuration, why.detail());
    case errc::timed_out:
      return outcome::failed(failure_class::timed_out, why.detail());
    case errc::bad_data:
    case errc::invalid_argument:
      return outcome::failed(failure_class::bad_answer, why.detail());
    default:
      return outcome::failed(failure_class::down, why.detail());
  }
}

// Whichever way a run ends, by a failure, at its deadline or well, what is kept is what it found.
class fresh_metrics {
 public:
  explicit fresh_metrics(std::string& kept) : kept_(kept) {}
  fresh_metrics(const fresh_metrics&) = delete;
  fresh_metrics& operator=(const fresh_metrics&) = delete;
  ~fresh_metrics() { kept_ = std::move(found_); }
  void found(std::string text) { found_ = std::move(text); }

 private:
  std::string& kept_;
  std::string found_;
};

}  // namespace

task<outcome> sessiond_check::probe(steady_time deadline) {
  fresh_metrics run(metrics_text_);
  sessiond_client link(co_await asio::this_coro::executor, path_);
  std::vector<std::string> ping(1, "PING");
  const auto pong = co_await link.call(std::move(ping), deadline);
  if (!pong) co_return failure_of(pong.error());
  const bool is_sessiond = pong->type == resp_reply::kind::simple && pong->text == "PONG";
  if (!is_sessiond) co_return outcome::failed(failure_class::bad_answer, path_ + " does not answer PING with PONG");
  std::vector<std::string> ask(1, "METRICS");
  const auto metrics = co_await link.call(std::move(ask), deadline);
  // One that has no metrics for us does its work all the same.
  const bool refused = !metrics && metrics.error().code() == errc::invalid_argument;
  if (refused) co_return outcome::fine();
  if (!metrics) co_return failure_of(metrics.error());
  if (metrics->type != resp_reply::kind::bulk)
    co_return outcome::failed(failure_class::bad_answer, path_ + " does not answer METRICS with text");
  run.found(metrics->text);
  co_return outcome::fine();
}

}  // namespace mooring::sidecar
